/* Small help on every page. Pages are complete without this file. */
(() => {
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
  addEventListener("hashchange", reveal)
  reveal()
})()
