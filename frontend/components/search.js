// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ — focus stays in the field, aria-activedescendant names the option.
const PAUSE = 120  // milliseconds without a key before the server is asked

export function render({model}) {
  const {texts} = model
  const root = document.createElement("div")
  root.className = model.digits ? "search digits" : "search"
  root.innerHTML = `
    <label for="field"></label>
    <div class="box">
      <input id="field" type="text" autocomplete="off" spellcheck="false"
        role="combobox" aria-autocomplete="list" aria-expanded="false" aria-controls="list" aria-describedby="hint">
      <button type="button" tabindex="-1" aria-controls="list" aria-expanded="false">
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 9.5l6 6 6-6"/></svg>
      </button>
      <div class="popup" hidden>
        <ul id="list" role="listbox"></ul>
        <p class="message" aria-hidden="true"></p>
      </div>
    </div>
    <p id="hint" class="hint"></p>
    <p class="out-of-sight" role="status"></p>`
  const [field, button, popup, list] = ["input", "button", ".popup", "ul"].map((name) => root.querySelector(name))
  const [message, hint, status] = [".message", ".hint", "[role=status]"].map((name) => root.querySelector(name))
  root.querySelector("label").textContent = texts.label
  field.placeholder = texts.placeholder
  if (model.digits) Object.assign(field, {inputMode: "numeric", maxLength: 19})
  button.setAttribute("aria-label", texts.open)
  list.setAttribute("aria-label", texts.list)

  let active = -1
  let asked = null
  let awaited = null
  let timer
  const isOpen = () => !popup.hidden
  // "100 001", pasted from a letter, is 100001.
  const typed = () => model.digits ? field.value.replace(/\s/gu, "") : field.value.trim()

  function ask() {
    clearTimeout(timer)
    if (asked === typed()) return draw()
    asked = typed()
    model.send_msg({intent: "search", text: asked})
  }

  function open() {
    if (isOpen()) return
    popup.hidden = false
    field.setAttribute("aria-expanded", "true")
    button.setAttribute("aria-expanded", "true")
    ask()
  }

  function close() {
    clearTimeout(timer)
    popup.hidden = true
    field.setAttribute("aria-expanded", "false")
    button.setAttribute("aria-expanded", "false")
    status.textContent = ""
    activate(-1)
  }

  function activate(index) {
    active = index
    ;[...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === index)))
    const option = list.children[index]
    if (option) {
      field.setAttribute("aria-activedescendant", option.id)
      option.scrollIntoView({block: "nearest"})
    } else field.removeAttribute("aria-activedescendant")
  }

  function draw() {
    const {query, options = [], message: text = ""} = model.results
    // An answer to an older query must not be offered under a newer one.
    if (query !== typed()) return
    list.replaceChildren(...options.map(({id, name: text = id, detail}, i) => {
      const option = document.createElement("li")
      option.id = `option-${i}`
      option.role = "option"
      option.dataset.id = id
      const name = document.createElement("span")
      name.textContent = text
      const more = document.createElement("span")
      more.className = "soft"
      more.textContent = detail
      option.append(name, " ", more)
      return option
    }))
    list.hidden = options.length === 0
    message.textContent = text
    activate(-1)
    if (isOpen()) status.textContent = text
  }

  function choose(id, text = id) {
    close()
    field.value = text
    // An identifier comes back as it was chosen; until then, what comes answers an earlier choice.
    awaited = model.digits && text !== model.value ? text : null
    model.send_msg({intent: "choose", text: id})
  }

  const chooseOption = (option) => choose(option.dataset.id, option.firstChild.textContent)

  field.addEventListener("input", () => {
    open()
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  })
  field.addEventListener("keydown", (event) => {
    const count = list.children.length
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault()
        if (!isOpen()) { open(); break }
        const step = event.key === "ArrowDown" ? 1 : -1
        if (count) activate(active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count)
        break
      }
      case "Enter":
        event.preventDefault()
        if (isOpen() && active >= 0) chooseOption(list.children[active])
        else if (model.results.query === typed() && (count === 1 || (count && !model.digits))) chooseOption(list.children[0])
        else if (typed()) choose(typed())
        break
      case "Escape":
        if (isOpen()) close()
        else showValue()
        break
      case "Tab":
        close()
    }
  })
  field.addEventListener("focus", () => field.select())
  field.addEventListener("blur", () => { close(); showValue() })
  field.addEventListener("click", open)
  button.addEventListener("click", () => { field.focus(); isOpen() ? close() : open() })
  // Keeps the focus in the field while the mouse is in the list.
  popup.addEventListener("mousedown", (event) => event.preventDefault())
  button.addEventListener("mousedown", (event) => event.preventDefault())
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]")
    if (option) chooseOption(option)
  })

  const showValue = () => { if (field.value !== model.value) field.value = model.value }
  const showHint = () => { hint.textContent = model.hint }
  // Not while the officer is typing: the answer to an earlier choice must not take the place of the next one.
  model.on("value", () => {
    if (awaited !== null && model.value !== awaited) return
    awaited = null
    if (!isOpen()) showValue()
  })
  model.on("results", draw)
  model.on("hint", showHint)
  showValue()
  showHint()
  return root
}
