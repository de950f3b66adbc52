/* Sliders over futures that were worked out beforehand: one parameter, one initial value or the actions at a time.
   Their numbers come as a script when the part comes into view, a slider's pictures when it is touched. */
(() => {
  const episode = window.proggenEpisode
  const home = document.querySelector("[data-counterfactuals]")
  if (!episode || !home) return
  const { plot, limits, element: make, text } = window.proggenPlots
  const { known } = window.proggenNumbers
  const { frames } = episode.data
  const MOST_PLOTS = 4

  window.proggenCounterfactuals = data => {
    document.querySelectorAll("[data-asked]").forEach(details => asked(details, data))
    const sliders = home.querySelector(".pg-sliders")
    if (sliders) sweeps(sliders, data)
  }

  let loading = false
  function load() {
    if (loading) return
    loading = true
    document.head.append(Object.assign(document.createElement("script"), { src: home.dataset.counterfactuals }))
  }
  new IntersectionObserver((seen, watch) => {
    if (!seen.some(entry => entry.isIntersecting)) return
    watch.disconnect()
    load()
  }, { rootMargin: "300px" }).observe(home)
  document.querySelectorAll("[data-asked]").forEach(details => details.addEventListener("toggle", load))

  /* ---- plots of the variables that change most, the factual future as a ghost */
  function changed(data, futures) {
    const size = data.factual.map((values, i) => {
      const all = futures.flatMap(f => f[i].filter(known)).concat(values.filter(known))
      const span = Math.max(...all) - Math.min(...all)
      const most = Math.max(...futures.map(f => Math.max(...f[i].map((v, k) => Math.abs((v ?? values[k]) - values[k])))))
      return span > 0 && most > 1e-9 ? most / span : 0
    })
    return [...size.keys()].filter(i => size[i] > 0).sort((a, b) => size[b] - size[a]).slice(0, MOST_PLOTS).sort((a, b) => a - b)
  }

  function ghosts(data, chosen, future, futures) {
    return chosen.map(i => {
      const [name, unit] = data.variables[i]
      const ghost = { label: "factual prediction", style: "ghost", start: data.start, values: data.factual[i], leads: true }
      const other = { label: "counterfactual", style: "counterfactual", start: data.start, values: future?.[i] ?? [] }
      const family = futures.map(f => ({ ...other, values: f[i] }))
      return plot({ title: `${name} with the change`, label: unit ? `${name} [${unit}]` : name, lines: [ghost, other],
        context: data.start, last: frames.count - 1, bounds: limits([ghost, ...family]) })
    })
  }

  function put(place, drawn) {
    place.replaceChildren(...drawn.map(svg => make("figure", {}, svg)))
    drawn.forEach(svg => svg.move(episode.frame))
  }

  function asked(details, data) {
    const place = details.querySelector(".pg-plots")
    const future = data.asked[Number(details.dataset.asked)]
    if (!future || !future[0].length) return
    let drawn = []
    const draw = () => {
      if (!details.open || drawn.length) return
      drawn = ghosts(data, changed(data, [future]), future, [future])
      put(place, drawn)
    }
    details.addEventListener("toggle", draw)
    episode.onFrame(frame => drawn.forEach(svg => svg.move(frame)))
    draw()
  }

  /* ---- sliders */
  function sweeps(place, data) {
    const stage = pictures(data)
    const plots = home.querySelector("[data-whatif=plots]")
    const said = home.querySelector("[data-whatif=said]")
    let drawn = []
    const rows = data.sweeps.map((sweep, k) => row(sweep, k, chosen))
    place.replaceChildren(...rows.map(r => r.node))

    /* On a narrow screen the future stands right below the slider that changes it. */
    const outcome = home.querySelector(".pg-outcome")
    const narrow = matchMedia("(max-width: 60em)")
    function settle(row) {
      const before = row.getBoundingClientRect().top
      if (narrow.matches) row.after(outcome)
      else place.after(outcome)
      scrollBy(0, row.getBoundingClientRect().top - before)
    }

    function chosen(k, index) {
      rows.forEach((r, i) => r.reset(i === k))
      settle(rows[k].node)
      const sweep = data.sweeps[k]
      const futures = sweep.futures.map(f => f && whole(data, sweep, f))
      const all = futures.filter(Boolean)
      drawn = sweep.changes.length ? ghosts(data, changed(data, all), futures[index], all) : []
      put(plots, drawn)
      said.replaceChildren(...told(sweep, index))
      stage(sweep, index)
    }

    function told(sweep, index) {
      if (!sweep.changes.length) return [text(sweep.target), " makes no difference in this episode, whichever of these values it has."]
      if (!sweep.futures[index]) return ["The dynamics program fails at this value."]
      if (index === sweep.factual) return ["This is the factual prediction."]
      const still = data.variables.filter((_, i) => !sweep.changes.includes(i)).flatMap((v, i) => [i ? ", " : "", text(v[0])])
      return still.length ? ["Not affected: ", ...still, "."] : ["It affects every variable."]
    }
    episode.onFrame(frame => drawn.forEach(svg => svg.move(frame)))
  }

  /* A future of a sweep holds only what changes; the rest is as in the factual one. */
  const whole = (data, sweep, future) => data.factual.map((values, i) => {
    const at = sweep.changes.indexOf(i)
    return at < 0 ? values : future[at]
  })

  const KINDS = { parameter: "fitted parameter", state: "initial state", actions: "actions" }
  function row(sweep, k, chosen) {
    const id = `what-if-${k}`
    const slider = make("input", { type: "range", id, min: 0, max: sweep.values.length - 1, step: 1, value: sweep.factual })
    const told = make("output", { htmlFor: id })
    const words = index => sweep.values[index] ?? "as given"
    const show = () => {
      const index = Number(slider.value)
      const value = words(index) + (sweep.unit ? ` ${sweep.unit}` : "")
      told.replaceChildren(make("b", {}, text(value)), index === sweep.factual ? "" : ` instead of ${words(sweep.factual)}`)
      slider.setAttribute("aria-valuetext", told.textContent)
      node.classList.toggle("pg-changed", index !== sweep.factual)
    }
    const name = make("label", { htmlFor: id }, text(sweep.target), " ", make("small", { textContent: KINDS[sweep.kind] }))
    const about = make("p", { className: "pg-hint" }, text(sweep.meaning))
    if (sweep.because) about.append(make("span", { className: "pg-because" }, "Rule: ", text(sweep.because)))
    const node = make("div", { className: "pg-slider" }, name, slider, told, about)
    slider.style.setProperty("--pg-factual", sweep.factual / Math.max(1, sweep.values.length - 1))
    slider.addEventListener("input", () => {
      show()
      chosen(k, Number(slider.value))
    })
    show()
    const reset = active => {
      node.classList.toggle("pg-active", active)
      if (active) return
      slider.value = sweep.factual
      show()
    }
    return { node, reset }
  }

  /* ---- pictures: a sheet has a row for each value and a column for each of the shown frames */
  function pictures(data) {
    const stage = home.querySelector(".pg-stage")
    const [factual, other] = stage.querySelectorAll("canvas")
    const told = stage.querySelector("figcaption output")
    const sheets = new Map()
    let now = null
    const draw = () => {
      const sheet = now && sheets.get(now.sweep)
      if (!sheet?.width) return
      const [width, height] = [sheet.width / data.shown.length, sheet.height / now.sweep.values.length]
      const at = Math.max(0, data.shown.findLastIndex(frame => frame <= episode.frame))
      for (const [canvas, index] of [[factual, now.sweep.factual], [other, now.index]]) {
        if (canvas.width !== width) Object.assign(canvas, { width, height })
        canvas.getContext("2d").drawImage(sheet, at * width, index * height, width, height, 0, 0, width, height)
      }
      told.textContent = `frame ${data.shown[at]}`
      stage.hidden = false
    }
    episode.onFrame(draw)
    return (sweep, index) => {
      now = { sweep, index }
      if (!sweep.sheet) {
        stage.hidden = true
        return
      }
      if (sheets.has(sweep)) return draw()
      const image = new Image()
      sheets.set(sweep, image)
      image.src = sweep.sheet
      image.decode().then(draw)
    }
  }
})()
