const KEY = "clairscore.recent"
const MOST = 6

export function render({model}) {
  const {texts} = model
  const root = document.createElement("div")
  root.className = "ways"
  root.innerHTML = `
    <button type="button" class="find"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 9.5l6 6 6-6"/></svg><span></span></button>
    <div class="recent" role="group" aria-labelledby="recent"><span id="recent"></span><ul></ul><button type="button" class="forget"></button></div>
    <p class="out-of-sight" role="status"></p>`
  const [find, recent, list, forget] = [".find", ".recent", "ul", ".forget"].map((name) => root.querySelector(name))
  const status = root.querySelector("[role=status]")
  find.querySelector("span").textContent = texts.find
  root.querySelector("#recent").textContent = texts.recent
  forget.textContent = texts.forget
  find.addEventListener("click", () => model.send_msg({intent: "find", text: ""}))

  // Identifiers only, the last opened first. Where the browser keeps nothing, the list lasts as long as the page.
  let kept = []
  try {
    const found = JSON.parse(localStorage.getItem(KEY))
    if (Array.isArray(found)) kept = found.filter((id) => /^[0-9]{1,19}$/u.test(id)).slice(0, MOST)
  } catch {
    kept = []
  }

  function keep() {
    try {
      if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept))
      else localStorage.removeItem(KEY)
    } catch {
      // See above.
    }
  }

  function show() {
    const others = kept.filter((id) => id !== model.opened)
    list.replaceChildren(...others.map((id) => {
      const item = document.createElement("li")
      const open = document.createElement("button")
      open.type = "button"
      open.textContent = id
      open.setAttribute("aria-label", texts.open.replace("{client}", id))
      open.addEventListener("click", () => model.send_msg({intent: "choose", text: id}))
      item.append(open)
      return item
    }))
    recent.hidden = others.length === 0
    find.setAttribute("aria-expanded", String(model.finding))
  }

  function open() {
    if (model.opened) {
      kept = [model.opened, ...kept.filter((id) => id !== model.opened)].slice(0, MOST)
      keep()
    }
    show()
  }

  forget.addEventListener("click", () => {
    kept = []
    keep()
    show()
    status.textContent = texts.forgotten
    find.focus()
  })
  model.on("opened", open)
  model.on("finding", () => {
    show()
    // What had the focus may have gone with the search.
    if (!model.finding) find.focus()
  })
  open()
  return root
}
