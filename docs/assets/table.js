/* The episodes of one benchmark, or of all runs, as one table that sorts and filters; its state is in the URL.
   Data come as scripts (`episodes.js` beside each benchmark), because pages from disk may not fetch. Without this
   file the plain tables stay. */
(() => {
  const SHOWN = 50
  const FLAGS = [["failed", "a program failed"], ["worse", "worse than the baseline"],
    ["counterfactuals", "has counterfactuals"]]
  const DEFAULTS = { run: "", benchmark: "", split: "", show: "", find: "", sort: "worst", page: "1" }
  const collator = new Intl.Collator("en", { numeric: true }) // ten times as fast as localeCompare
  const { number, fixed, times } = window.proggenNumbers
  const sets = []
  window.proggenEpisodes = set => sets.push(set)

  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(properties)) {
      if (name in element) element[name] = value
      else element.setAttribute(name, value)
    }
    element.append(...children)
    return element
  }

  function load(sources) {
    return Promise.all(sources.map(source => new Promise(done => {
      const script = make("script", { src: source, async: false })
      script.onload = script.onerror = done
      document.head.append(script)
    })))
  }

  function rowsOf(set) {
    const shown = set.metrics.findIndex(metric => metric.name === set.shown)
    return set.rows.map(([id, split, values, rank, worst, against, flags, failure, picture], i) => ({
      set, id, values, rank, worst: worst < 0 ? "" : set.worst[worst], against, failure, picture, place: i,
      run: set.run, benchmark: set.benchmark, split: set.splits[split][0], splitWords: set.splits[split][1],
      flags: flags.map(flag => FLAGS[flag][0]), error: shown < 0 ? null : values[shown],
      unit: shown < 0 ? "" : set.metrics[shown].unit, words: shown < 0 ? "" : set.metrics[shown].label,
      text: `${id} ${set.splits[split][1]} ${failure || ""}`.toLowerCase(),
    }))
  }

  // by the rank that the package gives, see proggen/evaluation/severity.py
  const worstFirst = (a, b) => b.rank - a.rank || a.place - b.place || 0

  function compareBy(read) {
    return (a, b) => {
      const [x, y] = [read(a), read(b)]
      if (typeof x === "string") return collator.compare(x, y)
      if (x === null || y === null) return 0
      return x - y
    }
  }

  function columns(rows, runs) {
    const names = new Set(rows.map(row => row.benchmark))
    const found = [{ label: "Comparison", cell: thumbnail }]
    if (runs > 1) found.push({ name: "run", label: "Run", read: row => row.run })
    found.push({ name: "episode", label: "Episode", read: row => row.id, cell: link })
    if (names.size !== 1) found.splice(-1, 0, { name: "benchmark", label: "Benchmark", read: row => row.benchmark })
    found.push({ name: "split", label: "Split", read: row => row.splitWords })
    if (names.size === 1) {
      rows[0].set.metrics.forEach((metric, i) => found.push({
        name: `m.${metric.name}`, label: metric.label, unit: metric.unit, number: true,
        read: row => row.values[i], say: row => fixed(row.values[i], metric.decimals, metric.scale),
      }))
    } else {
      found.push({ name: "error", label: "Error", number: true, read: row => row.error, cell: error })
    }
    found.push({ name: "rank", label: "Worst by", number: true, read: row => row.rank, cell: worst,
      title: "the metric in which the episode is worst, as a multiple of the median over its split" })
    const rivals = new Set(rows.map(row => row.set.rival))
    found.push({ name: "against", label: `Error / ${rivals.size === 1 && [...rivals][0] || "baseline"}`, number: true,
      read: row => row.against, say: row => times(row.against),
      title: "as a multiple of the error of the baseline, chosen on training clips, on the same episode" })
    found.push({ label: "Remarks", cell: remarks })
    return found
  }

  const page = row => new URL(`${row.set.folder}/episodes/${row.id}.html`, base).href
  let base = location.href

  function thumbnail(row) {
    if (!row.picture) return ""
    const [file, width, height] = row.picture
    const source = new URL(`${row.set.folder}/episodes/${file}`, base).href
    const picture = make("img", { className: "pg-thumb", loading: "lazy", alt: "", width: 180,
      height: Math.round(180 * height / width), src: source })
    return make("a", { href: page(row), tabIndex: -1, "aria-hidden": "true" }, picture)
  }

  const link = row => make("a", { href: page(row) }, row.id)

  function error(row) {
    if (row.error === null) return "–"
    return make("span", { title: row.words }, number(row.error), " ", make("small", {}, row.unit))
  }

  function worst(row) {
    if (!row.worst) return "–"
    return make("span", {}, row.rank >= 1e9 ? "no value" : times(row.rank), make("br"), make("small", {}, row.worst))
  }

  function remarks(row) {
    const found = document.createDocumentFragment()
    if (row.failure) found.append(make("span", { className: "pg-chip pg-warn" }, row.failure), " ")
    if (row.flags.includes("worse")) {
      found.append(make("span", { className: "pg-chip pg-warn" }, `worse than ${row.set.rival}`), " ")
    }
    if (row.flags.includes("counterfactuals")) {
      found.append(make("a", { href: `${page(row)}#counterfactuals` }, "counterfactuals"))
    }
    return found
  }

  class Table {
    constructor(block, rows) {
      this.rows = rows
      this.state = this.read()
      this.count = make("output")
      this.bar = make("div", { className: "pg-filter" })
      this.head = make("thead")
      this.body = make("tbody")
      this.pager = make("div", { className: "pg-pager" })
      const table = make("table", { className: "pg-table pg-sortable" }, this.head, this.body)
      const scroll = make("div", { className: "pg-scroll", tabIndex: 0, role: "group" }, table)
      scroll.setAttribute("aria-label", "Episodes")
      this.controls()
      block.replaceChildren(this.bar, scroll, this.pager)
      this.block = block
      addEventListener("hashchange", () => {
        this.state = this.read()
        this.show()
      })
      this.show()
      if (location.hash.includes("=")) block.scrollIntoView()
    }

    read() {
      const given = location.hash.includes("=") ? new URLSearchParams(location.hash.slice(1)) : new URLSearchParams()
      const found = { ...DEFAULTS }
      for (const name of Object.keys(found)) if (given.has(name)) found[name] = given.get(name)
      return found
    }

    write() {
      const changed = Object.entries(this.state).filter(([name, value]) => value !== DEFAULTS[name])
      const hash = new URLSearchParams(changed).toString()
      if (hash || location.hash.includes("=")) history.replaceState(null, "", `#${hash || "episodes"}`)
    }

    change(state) {
      this.state = { ...this.state, page: "1", ...state }
      this.write()
      this.show()
    }

    select(name, label, options) {
      if (options.length < 2) return
      const all = name === "show" ? "all episodes" : "all"
      const items = [["", all], ...options].map(([value, text]) => make("option", { value }, text))
      const element = make("select", { name }, ...items)
      element.addEventListener("change", () => this.change({ [name]: element.value }))
      this.bar.append(make("label", {}, `${label} `, element))
    }

    controls() {
      const unique = read => [...new Map(this.rows.map(row => read(row))).entries()]
      this.runs = unique(row => [row.run, row.run])
      this.select("run", "Run", this.runs)
      this.select("benchmark", "Benchmark", unique(row => [row.benchmark, row.benchmark]))
      this.select("split", "Split", unique(row => [row.split, row.splitWords]))
      this.select("show", "Show", FLAGS)
      const find = make("input", { type: "search", name: "find", placeholder: "episode" })
      find.addEventListener("input", () => this.change({ find: find.value }))
      const reset = make("button", { type: "button", className: "pg-reset" }, "worst first")
      reset.addEventListener("click", () => this.change({ ...DEFAULTS }))
      this.bar.append(make("label", {}, "Find ", find), reset, this.count)
    }

    chosen() {
      const { run, benchmark, split, show } = this.state
      const find = this.state.find.trim().toLowerCase()
      return this.rows.filter(row => (!run || row.run === run) && (!benchmark || row.benchmark === benchmark)
        && (!split || row.split === split) && (!show || row.flags.includes(show))
        && (!find || row.text.includes(find)))
    }

    sorted(rows, columns) {
      const down = this.state.sort.startsWith("-")
      const column = columns.find(c => c.name && c.name === this.state.sort.replace(/^-/, ""))
      if (!column) return rows.sort(worstFirst)
      const compare = compareBy(column.read)
      const known = rows.filter(row => column.read(row) !== null)
      known.sort((a, b) => (down ? compare(b, a) : compare(a, b)) || a.place - b.place)
      return [...known, ...rows.filter(row => column.read(row) === null)]
    }

    show() {
      const chosen = this.chosen()
      const shown = columns(chosen.length ? chosen : this.rows, this.runs.length)
      const rows = this.sorted(chosen, shown)
      const pages = Math.max(1, Math.ceil(rows.length / SHOWN))
      const at = Math.min(pages, Math.max(1, Number(this.state.page) || 1))
      this.head.replaceChildren(make("tr", {}, ...shown.map(column => this.headCell(column))))
      const visible = rows.slice((at - 1) * SHOWN, at * SHOWN)
      this.body.replaceChildren(...visible.map(row => this.row(row, shown)))
      if (!rows.length) this.body.append(make("tr", {}, make("td", { colSpan: shown.length }, "No episode fits.")))
      this.count.textContent = `${rows.length} of ${this.rows.length}`
      this.fill()
      this.turn(at, pages)
    }

    fill() {
      for (const element of this.bar.querySelectorAll("select, input")) {
        if (element.value !== this.state[element.name]) element.value = this.state[element.name]
      }
      const plain = Object.entries(DEFAULTS).every(([name, value]) => this.state[name] === value)
      this.bar.querySelector(".pg-reset").disabled = plain
    }

    headCell(column) {
      const head = make("th", { scope: "col", title: column.title || "" })
      if (column.number) head.className = "pg-num"
      const label = [column.label, ...(column.unit ? [" ", make("small", {}, column.unit)] : [])]
      if (!column.name) {
        head.append(...label)
        return head
      }
      const down = this.state.sort === `-${column.name}`
      const up = this.state.sort === column.name
      if (down || up) head.setAttribute("aria-sort", down ? "descending" : "ascending")
      const button = make("button", { type: "button" }, ...label)
      button.addEventListener("click", () => {
        const place = head.cellIndex
        this.change({ sort: (column.number ? !down : up) ? `-${column.name}` : column.name })
        this.head.rows[0].cells[place].querySelector("button").focus()
      })
      head.append(button)
      return head
    }

    row(row, shown) {
      return make("tr", {}, ...shown.map(column => {
        const content = column.cell ? column.cell(row) : column.say ? column.say(row) : column.read(row)
        const cell = make(column.name === "episode" ? "th" : "td", {}, content)
        if (column.name === "episode") cell.scope = "row"
        if (column.number) cell.className = "pg-num"
        return cell
      }))
    }

    turn(at, pages) {
      this.pager.hidden = pages < 2
      const button = (label, to) => {
        const element = make("button", { type: "button", disabled: to < 1 || to > pages }, label)
        element.addEventListener("click", () => {
          this.change({ page: String(to) })
          this.block.scrollIntoView()
        })
        return element
      }
      this.pager.replaceChildren(button("‹ previous", at - 1), ` page ${at} of ${pages} `, button("next ›", at + 1))
    }
  }

  for (const block of document.querySelectorAll(".pg-episodes")) {
    base = new URL(block.dataset.root, location.href).href
    const sources = block.dataset.sources.split(" ").filter(Boolean)
    load(sources).then(() => {
      const rows = sets.flatMap(rowsOf)
      if (rows.length) new Table(block, rows)
    })
  }
})()
