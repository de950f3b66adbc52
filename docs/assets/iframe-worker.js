/* Browsers start no workers for pages opened from disk. There, the search runs in a hidden frame instead. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.title = "search"
      document.addEventListener("DOMContentLoaded", () => this.start(url))
      if (document.readyState !== "loading") this.start(url)
    }

    start(url) {
      if (this.frame.isConnected) return
      document.body.append(this.frame)
      const inside = this.frame.contentWindow
      inside.postMessage = data => this.answer(data)
      inside.importScripts = (...urls) => Promise.all(urls.map(u => this.load(u)))
      this.load(url).then(() => {
        this.ready = true
        this.waiting.splice(0).forEach(data => this.postMessage(data))
      })
    }

    load(url) {
      return new Promise((done, fail) => {
        const script = this.frame.contentDocument.createElement("script")
        script.src = new URL(url, document.baseURI)
        script.onload = done
        script.onerror = fail
        this.frame.contentDocument.body.append(script)
      })
    }

    answer(data) {
      const event = new MessageEvent("message", { data })
      this.dispatchEvent(event)
      if (typeof this.onmessage === "function") this.onmessage(event)
    }

    postMessage(data) {
      if (!this.ready) return void this.waiting.push(data)
      this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }))
    }

    terminate() {
      this.frame.remove()
    }
  }
}
