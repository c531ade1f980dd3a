// What the page does around its components: shows when it is ready, skips to the content, and survives a lost server.
(() => {
  const POLL = 1000  // milliseconds between two looks for the server
  const {body} = document

  // The main element lives in a shadow root, where a link cannot point to.
  function find(selector, root = document) {
    const found = root.querySelector(selector)
    if (found) return found
    for (const element of root.querySelectorAll("*")) {
      const inside = element.shadowRoot && find(selector, element.shadowRoot)
      if (inside) return inside
    }
    return null
  }

  document.getElementById("skip").addEventListener("click", (event) => {
    const main = find("main")
    if (!main) return
    event.preventDefault()
    main.tabIndex = -1
    main.focus()
  })

  // A session cannot be resumed after its socket is gone. The address holds the state, so the page is loaded again as
  // soon as the server answers. Until then a modal dialog keeps the officer from changes that would be lost.
  let leaving = false
  window.addEventListener("beforeunload", () => { leaving = true })

  async function lookForServer() {
    try {
      if ((await fetch("liveness", {cache: "no-store"})).ok) return location.reload()
    } catch {
      // Still away.
    }
    setTimeout(lookForServer, POLL)
  }

  function lost() {
    if (leaving || document.getElementById("lost")) return
    const dialog = document.createElement("dialog")
    dialog.id = "lost"
    dialog.setAttribute("role", "alertdialog")
    dialog.setAttribute("aria-labelledby", "lost-message")
    dialog.addEventListener("cancel", (event) => event.preventDefault())
    const message = document.createElement("p")
    message.id = "lost-message"
    message.textContent = body.dataset.lost
    const button = document.createElement("button")
    button.textContent = body.dataset.reload
    button.addEventListener("click", () => location.reload())
    dialog.append(message, button)
    body.append(dialog)
    dialog.showModal()
    lookForServer()
  }

  const started = setInterval(() => {
    const page = window.Bokeh?.documents[0]
    if (!page) return
    clearInterval(started)
    page.on_event("connection_lost", lost)
    const ready = () => document.documentElement.classList.add("ready")
    page.is_idle ? ready() : page.idle.connect(ready)
  }, 50)
})()
