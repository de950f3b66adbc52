/* The three programs, which all episodes of a benchmark share: loaded when somebody opens one. Their script holds
   HTML that was escaped and highlighted when the site was built. */
(() => {
  const homes = [...document.querySelectorAll("[data-program]")]
  if (!homes.length) return
  let asked = false
  window.proggenPrograms = sources => {
    for (const home of homes) home.querySelector(".pg-source").innerHTML = sources[home.dataset.program] ?? ""
  }
  const load = () => {
    if (asked) return
    asked = true
    document.head.append(Object.assign(document.createElement("script"), { src: homes[0].dataset.source }))
  }
  homes.forEach(home => home.addEventListener("toggle", () => home.open && load()))
})()
