/* What an episode's page says of the frame it shows: the state, plots with a cursor, a table with its row marked. */
(() => {
  const episode = window.proggenEpisode
  if (!episode) return
  const { plot, element: make, text } = window.proggenPlots
  const { fixed, known } = window.proggenNumbers
  const { variables, measures, divergence, frames } = episode.data
  const last = frames.count - 1

  const truth = (v, frame) => v.truth[frame] ?? null
  const predicted = (v, frame) => v.predicted[frame - frames.context] ?? null
  const estimated = (v, frame) => v.estimated[frame] ?? null
  const difference = (v, frame) => {
    const [t, p] = [truth(v, frame), predicted(v, frame)]
    return known(t) && known(p) ? p - t : null
  }

  const written = (v, value) => fixed(value, v.decimals, v.scale)

  function readout(home) {
    const head = make("tr", {}, ...["Now", "truth", "predicted", "difference"].map(w => make("th", { scope: "col", textContent: w })))
    const rows = variables.map(v => make("tr", {},
      make("th", { scope: "row" }, text(v.name), " ", make("small", {}, text(v.unit))), make("td"), make("td"), make("td")))
    home.append(make("table", { className: "pg-table pg-readout" }, make("thead", {}, head), make("tbody", {}, ...rows)))
    episode.onFrame(frame => {
      head.cells[2].textContent = frame < frames.context ? "estimated" : "predicted"
      variables.forEach((v, i) => {
        const guess = frame < frames.context ? estimated(v, frame) : predicted(v, frame)
        const off = known(guess) && known(truth(v, frame)) ? guess - truth(v, frame) : null
        const cells = [written(v, truth(v, frame)), written(v, guess), written(v, off)]
        cells.forEach((words, k) => { rows[i].cells[k + 1].textContent = words })
      })
    })
  }

  /* ---- plots: values or errors over the frames, then likeness of the pictures */
  function labelled(name, unit) {
    return unit ? `${name} [${unit}]` : name
  }

  function values(v) {
    const lines = [
      { label: "truth", style: "truth", start: 0, values: v.truth, leads: true },
      { label: "prediction", style: "prediction", start: frames.context, values: v.predicted },
      { label: "estimate", style: "estimate", start: 0, values: v.estimated },
    ]
    return { title: v.name, label: labelled(v.name, v.unit), lines }
  }

  function errors(v) {
    const off = v.predicted.map((_, i) => difference(v, frames.context + i))
    const start = v.estimated.map((e, i) => (known(e) && known(v.truth[i]) ? e - v.truth[i] : null))
    const lines = [
      { label: "prediction − truth", style: "prediction", start: frames.context, values: off },
      { label: "estimate − truth", style: "estimate", start: 0, values: start },
    ]
    return { title: `error of ${v.name}`, label: labelled(`error of ${v.name}`, v.unit), lines }
  }

  function caption(v) {
    if (!v.called) return make("figcaption", {}, text(v.meaning), "; ", make("span", { className: "pg-chip pg-warn", textContent: "no match" }))
    return make("figcaption", {}, text(v.meaning), "; the program calls it ", text(v.called))
  }

  function figure(wanted, words) {
    if (!wanted.lines.some(line => line.values.some(known))) return make("figure", {}, make("p", { className: "pg-empty" }, text(wanted.title), ": no value"), words)
    const drawn = plot({ ...wanted, context: frames.context, last, mark: divergence })
    drawn.follow = frame => drawn.move(frame)
    return make("figure", {}, drawn, words)
  }

  function plots(home) {
    let shown = []
    const draw = of => {
      const pictures = measures.map(m => ({ title: m.name, label: labelled(m.name, m.unit),
        lines: [{ label: m.name, style: "error", start: frames.context, values: m.values }] }))
      const figures = [...variables.map(v => figure(of(v), caption(v))),
        ...pictures.map(p => figure(p, make("figcaption", {}, "likeness of predicted and true frame")))]
      home.replaceChildren(...figures)
      shown = [...home.querySelectorAll("svg.pg-plot")]
      shown.forEach(svg => svg.move(episode.frame))
    }
    draw(values)
    episode.onFrame(frame => shown.forEach(svg => svg.move(frame)))
    document.querySelectorAll("[name=pg-of]").forEach(choice => {
      choice.addEventListener("change", () => draw(choice.value === "errors" ? errors : values))
    })
  }

  /* ---- the table is made when somebody opens it */
  function table(details) {
    const rows = []
    const home = details.querySelector(".pg-scroll")
    details.addEventListener("toggle", () => {
      if (!details.open || rows.length) return
      const top = make("tr", {}, ...["Frame", "Time"].map((w, i) => make("th", { rowSpan: 2, scope: "col" }, w, i ? make("small", { textContent: " s" }) : "")),
        ...variables.map(v => make("th", { colSpan: 3, scope: "colgroup" }, text(v.name), " ", make("small", {}, text(v.unit)))))
      const below = make("tr", {}, ...variables.flatMap(() => ["truth", "predicted", "difference"].map(w => make("th", { scope: "col", textContent: w }))))
      for (let frame = 0; frame <= last; frame++) rows.push(row(frame))
      home.append(make("table", { className: "pg-table pg-states" }, make("thead", {}, top, below), make("tbody", {}, ...rows)))
      mark(episode.frame)
    })
    const mark = frame => {
      rows.forEach((r, i) => r.classList.toggle("pg-current", i === frame))
      const now = rows[frame]
      if (now && details.open) home.scrollTop = now.offsetTop - home.clientHeight / 2
    }
    episode.onFrame(mark)
  }

  function row(frame) {
    const cells = variables.flatMap(v => [written(v, truth(v, frame)), written(v, predicted(v, frame)), written(v, difference(v, frame))])
    const made = make("tr", { className: frame < frames.context ? "pg-given" : "" }, make("th", { scope: "row", textContent: frame }),
      make("td", { textContent: fixed(frame / frames.fps, 2) }), ...cells.map(words => make("td", { textContent: words })))
    made.addEventListener("click", () => episode.go(frame))
    return made
  }

  const homes = { readout, plots, table }
  for (const [name, fill] of Object.entries(homes)) {
    const home = document.querySelector(`[data-episode=${name}]`)
    if (home) fill(home)
  }
})()
