/* Tables that sort and filter. Pages are complete without this file. */
(() => {
  const value = (row, column) => {
    const cell = row.cells[column]
    if (!cell) return ""
    if (!("value" in cell.dataset)) return cell.textContent.trim()
    return cell.dataset.value === "" ? NaN : Number(cell.dataset.value)
  }

  const compare = (a, b) => {
    if (typeof a !== "number") return String(a).localeCompare(String(b), "en", { numeric: true })
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b)
    return a - b
  }

  function sort(table, column, down) {
    const body = table.tBodies[0]
    const rows = [...body.rows]
    rows.sort((a, b) => {
      const [x, y] = [value(a, column), value(b, column)]
      const empty = Number.isNaN(x) || Number.isNaN(y)
      return down && !empty ? compare(y, x) : compare(x, y)
    })
    body.append(...rows)
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells]
    heads.forEach((head, column) => {
      if (head.classList.contains("pg-plain")) return
      const button = document.createElement("button")
      button.type = "button"
      button.append(...head.childNodes)
      head.append(button)
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending"
        heads.forEach(h => h.removeAttribute("aria-sort"))
        head.setAttribute("aria-sort", down ? "descending" : "ascending")
        sort(table, column, down)
      })
    })
  }

  function filterable(bar) {
    const rows = [...document.getElementById(bar.dataset.table).tBodies[0].rows]
    const split = bar.querySelector("[data-filter=split]")
    const text = bar.querySelector("[data-filter=text]")
    const count = bar.querySelector("output")
    const apply = () => {
      const wanted = text.value.trim().toLowerCase()
      let shown = 0
      for (const row of rows) {
        const fits = (!split.value || row.dataset.split === split.value)
          && (!wanted || row.textContent.toLowerCase().includes(wanted))
        row.hidden = !fits
        shown += fits
      }
      count.textContent = `${shown} of ${rows.length}`
    }
    bar.addEventListener("input", apply)
    apply()
  }

  /* A link to a candidate leads to a closed part of the page: open it. */
  function reveal() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)))
    const details = target && target.closest("details")
    if (details) details.open = true
  }

  document.querySelector(".md-search")?.setAttribute("aria-label", "Search")
  addEventListener("load", () => document.querySelectorAll(".md-code__nav").forEach((nav, i) => {
    nav.setAttribute("aria-label", `Code ${i + 1}`)
  }))
  document.querySelectorAll(".pg-sortable").forEach(sortable)
  document.querySelectorAll(".pg-filter").forEach(filterable)
  addEventListener("hashchange", reveal)
  reveal()
})()
