/* The frame that an episode's page shows: truth, prediction and their difference keep to it, and so do tables and
   plots. Pictures come from sheets, eight frames per row, and are drawn pixel by pixel. */
(() => {
  const element = document.getElementById("episode-data")
  if (!element) return
  const { fixed, number } = window.proggenNumbers
  const data = JSON.parse(element.textContent)
  const { count, context, fps, width, height, sheets } = data.frames
  const SLOWEST = 3 // seconds a whole clip takes at least when it is played at first
  const listeners = []
  const marks = [] // shows on every button whether it plays
  const episode = { data, frame: count - 1, go, onFrame, transport }
  window.proggenEpisode = episode

  function show(frame) {
    const next = Math.min(Math.max(Math.round(frame) || 0, 0), count - 1)
    if (next === episode.frame) return
    episode.frame = next
    listeners.forEach(tell => tell(next))
  }

  /* A reader's choice: it ends what is playing and stands in the address. */
  function go(frame) {
    if (playing) stop()
    show(frame)
    remember()
  }

  /* Calls `tell` with the frame now and whenever it changes. */
  function onFrame(tell) {
    listeners.push(tell)
    tell(episode.frame)
  }

  /* Browsers allow few changes of the address in a row. */
  let pending = 0
  function remember() {
    clearTimeout(pending)
    pending = setTimeout(() => history.replaceState(history.state, "", `#f=${episode.frame}`), 150)
  }

  function addressed() {
    const found = /^#f=(\d+)$/.exec(location.hash)
    return found ? Number(found[1]) : null
  }

  /* ---- playing */
  let playing = 0
  let speed = Math.min(1, count / fps / SLOWEST)

  function play(loop = true) {
    if (episode.frame === count - 1) show(0)
    let shown = episode.frame
    const began = performance.now() - (shown / fps / speed) * 1000
    const step = now => {
      const due = Math.floor(((now - began) / 1000) * fps * speed)
      if (due >= count && !loop) {
        show(count - 1)
        return stop()
      }
      shown = due % count
      show(shown)
      playing = requestAnimationFrame(step)
    }
    playing = requestAnimationFrame(step)
    marks.forEach(mark => mark())
  }

  function stop() {
    cancelAnimationFrame(playing)
    playing = 0
    marks.forEach(mark => mark())
    remember()
  }

  /* ---- a slider with its buttons; a page may have several, all on the same frame */
  function transport(home) {
    const button = home.querySelector(".pg-play")
    const slider = home.querySelector("input[type=range]")
    const told = home.querySelector("output")
    const rate = home.querySelector("select")
    const jump = home.querySelector(".pg-jump")
    slider.max = count - 1
    slider.style.setProperty("--pg-given", `${(100 * (context - 0.5)) / (count - 1)}%`)
    slider.addEventListener("input", () => go(Number(slider.value)))
    slider.addEventListener("keydown", event => {
      if (event.key !== " ") return
      event.preventDefault()
      button.click()
    })
    button.addEventListener("click", () => (playing ? stop() : play()))
    marks.push(() => {
      button.setAttribute("aria-label", playing ? "Pause" : "Play")
      button.dataset.playing = playing ? "yes" : "no"
    })
    if (rate) {
      const first = number(speed, 1)
      if (![...rate.options].some(o => o.value === first)) rate.add(new Option(`${first} ×`, first), 0)
      rate.value = first
      speed = Number(first)
      rate.addEventListener("change", () => {
        speed = Number(rate.value)
        if (playing) {
          cancelAnimationFrame(playing)
          play()
        }
      })
    }
    if (jump && data.divergence !== null) {
      jump.hidden = false
      jump.addEventListener("click", () => go(data.divergence))
    }
    onFrame(frame => {
      slider.value = frame
      const words = `frame ${frame} of ${count - 1}, ${frame < context ? "given" : "predicted"}`
      slider.setAttribute("aria-valuetext", words)
      told.textContent = `${frame} / ${count - 1} · ${fixed(frame / fps, 2)} s · ${frame < context ? "given" : "predicted"}`
    })
    marks.forEach(mark => mark())
  }

  /* ---- pictures */
  function tile(sheet, index) {
    const across = Math.round(sheet.naturalWidth / width)
    return [(index % across) * width, Math.floor(index / across) * height, width, height, 0, 0, width, height]
  }

  function load(address) {
    const image = new Image()
    image.src = address
    return image.decode().then(() => image)
  }

  async function screens() {
    const viewer = document.querySelector(".pg-viewer")
    if (!viewer || !sheets.truth) return
    const [truth, prediction] = await Promise.all([sheets.truth, sheets.prediction].map(s => s && load(s)))
    const painters = {
      truth: (canvas, frame) => canvas.drawImage(truth, ...tile(truth, frame)),
      prediction: (canvas, frame) =>
        frame < context ? painters.truth(canvas, frame) : canvas.drawImage(prediction, ...tile(prediction, frame - context)),
      difference: (canvas, frame) => {
        painters.truth(canvas, frame)
        canvas.globalCompositeOperation = "difference"
        painters.prediction(canvas, frame)
        canvas.globalCompositeOperation = "source-over"
      },
    }
    for (const screen of viewer.querySelectorAll("canvas")) {
      const canvas = screen.getContext("2d", { alpha: false })
      const home = screen.closest("figure")
      onFrame(frame => {
        painters[screen.dataset.view](canvas, frame)
        home.classList.toggle("pg-same", frame < context && screen.dataset.view !== "truth")
      })
    }
    const gain = viewer.querySelector("[data-gain]")
    gain?.addEventListener("change", () => {
      viewer.querySelector("[data-view=difference]").style.filter = `brightness(${gain.value})`
    })
    viewer.dataset.ready = "yes"
    first()
  }

  /* A visit plays the clip once and stops at its end, unless the reader asked for a frame or for no motion. */
  function first() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    if (location.hash || calm || document.hidden) return
    show(0)
    play(false)
  }

  /* Arrow keys move the frame wherever nothing else uses them. */
  addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step || event.target !== document.body || event.altKey || event.ctrlKey || event.metaKey) return
    go(episode.frame + step)
  })
  addEventListener("hashchange", () => {
    const frame = addressed()
    if (frame !== null) go(frame)
  })

  if (addressed() !== null) episode.frame = Math.min(addressed(), count - 1)
  document.querySelectorAll(".pg-transport").forEach(transport)
  screens()
})()
