/* Long texts (programs, prompts, replies, differences): loaded when somebody opens one. A script beside the page
   holds HTML that was escaped and highlighted when the site was built, and hands it to `proggenTexts`. */
(() => {
  const homes = [...document.querySelectorAll("details[data-text]")]
  if (!homes.length) return
  const asked = new Map()
  window.proggenTexts = texts => {
    for (const home of homes) {
      const key = home.dataset.text
      if (Object.hasOwn(texts, key)) home.querySelector(".pg-source").innerHTML = texts[key]
    }
  }

  function load(home) {
    const src = home.dataset.source
    if (!asked.has(src)) {
      asked.set(src, new Promise(resolve => {
        const script = Object.assign(document.createElement("script"), { src, onload: resolve })
        script.onerror = () => {
          asked.delete(src)
          home.querySelector(".pg-source").textContent = "This text could not be loaded: use the download."
          resolve()
        }
        document.head.append(script)
      }))
    }
    return asked.get(src)
  }
  for (const home of homes) {
    home.addEventListener("toggle", () => home.open && load(home))
    if (home.open) load(home)
  }

  /* The part of a code element that is its line `number`, counted from 1. */
  function lineOf(code, number) {
    const range = document.createRange(), texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
    let line = 1, begun = false
    for (let node; (node = texts.nextNode());) {
      for (let i = 0; i <= node.length; i++) {
        if (line === number && !begun) { range.setStart(node, i); begun = true }
        if (node.data[i] !== "\n") continue
        if (line === number) { range.setEnd(node, i); return range }
        line++
      }
    }
    if (begun) range.setEnd(code, code.childNodes.length)
    return begun ? range : null
  }

  /* A link to a line opens the program, brings the line into view and selects it. */
  document.addEventListener("click", async event => {
    const link = event.target.closest("a[data-line]")
    const home = link && homes.find(h => h.dataset.text === link.dataset.in)
    if (!home) return
    event.preventDefault()
    home.open = true
    await load(home)
    const code = home.querySelector(".pg-source code"), range = code && lineOf(code, Number(link.dataset.line))
    home.scrollIntoView({ block: "start" })
    if (!range) return
    code.scrollTop += range.getBoundingClientRect().top - code.getBoundingClientRect().top - code.clientHeight / 3
    code.focus({ preventScroll: true })
    getSelection().removeAllRanges()
    getSelection().addRange(range)
  })
})()
