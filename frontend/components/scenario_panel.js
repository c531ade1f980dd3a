function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value
    else made.setAttribute(key, value)
  }
  made.append(...children)
  return made
}

export function render({model}) {
  const {texts} = model
  const name = element("input", {id: "name", type: "text", autocomplete: "off", maxlength: texts.limit, placeholder: texts.placeholder})
  const save = element("button", {type: "submit"}, texts.save)
  const form = element("form", {}, element("label", {for: "name"}, texts.name), element("div", {class: "entry"}, name, save))
  const message = element("p", {class: "message", role: "status"})
  const note = element("p", {class: "soft note"})
  const empty = element("p", {class: "soft"}, texts.empty)
  const list = element("ul")
  const file = element("div")
  const card = element("section", {class: "card", "aria-labelledby": "title"},
    element("h2", {id: "title"}, texts.title), form, message, note, empty, list, file)

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    if (model.savable && name.value.trim()) model.send_msg({intent: "save", text: name.value})
  })
  name.addEventListener("input", showState)

  function showState() {
    save.disabled = !model.savable || !name.value.trim()
    if (message.textContent !== model.message) message.textContent = model.message
    message.hidden = !model.message
    note.textContent = model.note
    note.hidden = !model.note
  }

  function showList() {
    const focused = list.querySelector(":focus")?.dataset.key
    list.replaceChildren(...model.scenarios.map(({id, name, detail}) => {
      const open = element("button", {type: "button", class: "open", "data-key": `open ${id}`, "aria-label": texts.open.replace("{name}", name)}, name)
      if (id === model.current) {
        open.setAttribute("aria-current", "true")
        open.append(" ", element("span", {class: "here"}, texts.here))
      }
      open.addEventListener("click", () => model.send_msg({intent: "open", text: id}))
      const remove = element("button", {type: "button", class: "delete", "data-key": `delete ${id}`, "aria-label": texts.delete.replace("{name}", name)}, texts.deleteShort)
      remove.addEventListener("click", () => { model.send_msg({intent: "delete", text: id}); form.querySelector("input").focus() })
      return element("li", {}, element("div", {}, open, element("span", {class: "soft"}, detail)), remove)
    }))
    if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus()
    empty.hidden = model.scenarios.length > 0
    showState()
  }

  function showName() {
    const open = model.scenarios.find(({id}) => id === model.current)
    if (open && !name.matches(":focus")) name.value = open.name
    showList()
  }

  const showFile = () => { file.innerHTML = model.file }

  model.on("file", showFile)
  model.on("scenarios", showList)
  model.on("current", showName)
  for (const part of ["message", "note", "savable"]) model.on(part, showState)
  showName()
  showFile()
  return card
}
