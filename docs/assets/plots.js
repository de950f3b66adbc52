/* Line plots over the frames of an episode, as SVG. A cursor shows the page's frame; a click goes to one.
   Also the pieces that the episode page's other scripts are made of: elements and texts. */
(() => {
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [420, 210, 54, 10, 12, 34]
  const CLIP_SPANS = 2 // a prediction may stretch the axis to this many spans of the truth on either side
  const { number, tick, known } = window.proggenNumbers
  const SPACE = "http://www.w3.org/2000/svg"

  function make(name, attributes, ...children) {
    const node = document.createElementNS(SPACE, name)
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
    node.append(...children)
    return node
  }

  function element(name, properties = {}, ...children) {
    const node = Object.assign(document.createElement(name), properties)
    node.append(...children)
    return node
  }

  /* Names, units and meanings were written by a language model: they stay text, whichever way they run, and
     characters that a reader can't see are shown by name. */
  const HIDDEN = /([\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff])/
  const CODES = { "\x00": "NUL", "\x07": "BEL", "\r": "CR", "\x1b": "ESC" }
  function text(words) {
    const parts = String(words ?? "").split(HIDDEN).map((part, i) => {
      if (i % 2 === 0) return part
      const span = element("span", { className: "pg-control", textContent: part })
      span.dataset.name = CODES[part] ?? `U+${part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`
      return span
    })
    return element("bdi", { className: "pg-text" }, ...parts)
  }

  function ticks(low, high, most = 5) {
    if (!(high > low)) return [low]
    const raw = (high - low) / most
    const power = 10 ** Math.floor(Math.log10(raw))
    const step = [1, 2, 5, 10].map(s => s * power).find(s => s >= raw * 0.999)
    const found = []
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step)
    return found
  }

  /* A line is {label, style, start, values, leads}: values[i] belongs to frame start + i. Lines that run away from
     the leading one do not flatten it, and the last digits of a constant do not look like a motion. */
  function limits(lines) {
    const all = lines.flatMap(line => line.values.filter(known))
    let [low, high] = [Math.min(...all), Math.max(...all)]
    const leading = lines.filter(line => line.leads).flatMap(line => line.values.filter(known))
    if (leading.length) {
      const [least, most] = [Math.min(...leading), Math.max(...leading)]
      const span = Math.max(most - least, 0.02 * Math.max(Math.abs(least), Math.abs(most)), 1e-6)
      low = Math.max(low, least - CLIP_SPANS * span)
      high = Math.min(high, most + CLIP_SPANS * span)
      const spare = 0.01 * Math.max(Math.abs(low), Math.abs(high)) - (high - low)
      if (spare > 0) [low, high] = [low - spare / 2, high + spare / 2]
    }
    const margin = 0.06 * (high - low) || Math.max(0.05 * Math.abs(high), 1e-3)
    return [low - margin, high + margin]
  }

  function describe(lines, low, high) {
    const parts = lines.map(line => {
      const frames = line.values.map((v, i) => [line.start + i, v]).filter(point => known(point[1]))
      const [first, last] = [frames[0], frames.at(-1)]
      const away = frames.some(point => point[1] < low || point[1] > high) ? " (leaves the plot)" : ""
      return `${line.label}: from ${number(first[1])} at frame ${first[0]} to ${number(last[1])} at frame ${last[0]}${away}`
    })
    return `${parts.join("; ")}.`
  }

  /* An <svg> of lines over the frames 0 to `last`, the first `context` of them shaded, with `move(frame)`.
     `mark` is a frame with a line of its own; `bounds` are limits of the axis other than the lines' own. */
  function plot({ title, label, lines, context, last, mark = null, bounds = null }) {
    const drawn = lines.filter(line => line.values.some(known))
    const [low, high] = bounds ?? limits(drawn)
    const x = frame => LEFT + ((frame + 0.5) / (last + 1)) * (WIDTH - LEFT - RIGHT)
    const y = value => Math.min(Math.max(TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM), -1e4), 1e4)
    const base = HEIGHT - BOTTOM
    const svg = make("svg", { class: "pg-plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title },
      make("title", {}, title), make("desc", {}, describe(drawn, low, high)))
    if (context) svg.append(make("rect", { class: "pg-context", x: LEFT, y: TOP, width: x(context - 0.5) - LEFT, height: base - TOP }))
    const marks = ticks(low, high)
    for (const value of marks) {
      svg.append(make("path", { class: "pg-grid", d: `M${LEFT} ${y(value)}H${WIDTH - RIGHT}` }),
        make("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, tick(value, marks.length > 1 ? marks[1] - marks[0] : 1)))
    }
    svg.append(make("path", { class: "pg-axis", d: `M${LEFT} ${base}H${WIDTH - RIGHT}` }))
    for (const frame of ticks(0, last, 7).filter(Number.isInteger)) {
      svg.append(make("text", { x: x(frame), y: base + 15, "text-anchor": "middle" }, `${frame}`))
    }
    svg.append(make("text", { class: "pg-label", x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, "frame"),
      make("text", { class: "pg-label", transform: `translate(11 ${(TOP + base) / 2}) rotate(-90)`, "text-anchor": "middle" }, label))
    if (mark !== null) svg.append(make("path", { class: "pg-diverges", d: `M${x(mark)} ${TOP}V${base}` }))
    const inner = make("svg", { x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: base - TOP,
      viewBox: `${LEFT} ${TOP} ${WIDTH - LEFT - RIGHT} ${base - TOP}` })
    for (const line of drawn) inner.append(...strokes(line, x, y))
    const cursor = make("path", { class: "pg-cursor" })
    svg.append(inner, cursor)
    const dots = drawn.map(line => {
      const dot = make("circle", { class: `pg-at pg-${line.style}`, r: 3.5 })
      inner.append(dot)
      return [line, dot]
    })
    svg.move = frame => {
      cursor.setAttribute("d", `M${x(frame)} ${TOP}V${base}`)
      for (const [line, dot] of dots) {
        const value = line.values[frame - line.start]
        dot.setAttribute("visibility", value !== undefined && known(value) ? "visible" : "hidden")
        if (value !== undefined && known(value)) {
          dot.setAttribute("cx", x(frame))
          dot.setAttribute("cy", y(value))
        }
      }
    }
    follow(svg, event => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse())
      return ((point.x - LEFT) / (WIDTH - LEFT - RIGHT)) * (last + 1) - 0.5
    })
    return svg
  }

  function strokes(line, x, y) {
    let path = ""
    let dots = ""
    line.values.forEach((value, i) => {
      if (!known(value)) return
      const before = i > 0 && known(line.values[i - 1])
      const place = `${x(line.start + i).toFixed(1)} ${y(value).toFixed(1)}`
      path += `${before ? "L" : "M"}${place}`
      dots += `M${place}h0`
    })
    const drawn = [make("path", { class: `pg-line pg-${line.style}`, d: path })]
    if (["prediction", "estimate", "counterfactual"].includes(line.style)) drawn.push(make("path", { class: `pg-dots pg-${line.style}`, d: dots }))
    return drawn
  }

  /* The page's frame follows a click or a drag. */
  function follow(svg, frameAt) {
    const move = event => window.proggenEpisode.go(frameAt(event))
    svg.addEventListener("pointerdown", event => {
      if (event.button !== 0) return
      svg.setPointerCapture(event.pointerId)
      move(event)
    })
    svg.addEventListener("pointermove", event => {
      if (svg.hasPointerCapture(event.pointerId)) move(event)
    })
  }

  window.proggenPlots = { plot, limits, element, text }
})()
