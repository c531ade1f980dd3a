// Python says which fields there are and what each means; what is typed is told after a short pause.
const PAUSE = 200  // milliseconds without a key before an edit is told

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()

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
  const status = element("p", {class: "count", role: "status"})
  const undo = element("button", {type: "button"}, texts.undo)
  const reset = element("button", {type: "button"}, texts.reset)
  const search = element("input", {id: "search", type: "search", autocomplete: "off", spellcheck: "false", placeholder: texts.placeholder})
  const found = element("p", {class: "soft found", role: "status"})
  const list = element("div", {class: "fields"})
  const card = element("section", {class: "card", "aria-labelledby": "title"},
    element("h2", {id: "title"}, texts.title),
    element("div", {class: "tools"}, status, undo, reset),
    element("div", {class: "search"}, element("label", {for: "search"}, texts.search), search),
    found, list)
  undo.addEventListener("click", () => model.send_msg({intent: "undo", text: ""}))
  reset.addEventListener("click", () => model.send_msg({intent: "reset", text: ""}))

  // By feature: its element and how to bring it up to date. Made when first shown.
  const made = new Map()
  let visit = 0
  // Two openings of the page must not have the same stay in a field.
  const page = Date.now().toString(36)

  function make(field) {
    const id = field.name
    const described = `${id}-own ${id}-note`
    let timer
    let stay = ""
    let told
    const entry = field.options
      ? element("select", {id, "aria-describedby": described}, ...field.options.map(([key, name]) => new Option(name, key)))
      : element("input", {id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-describedby": described})
    const back = element("button", {type: "button", class: "back", "aria-label": `${texts.back} ${field.label}`, title: texts.back}, "↺")
    const mark = element("span", {class: "mark"}, texts.changed)
    const own = element("p", {id: `${id}-own`, class: "soft own"}, field.own)
    const note = element("p", {id: `${id}-note`, class: "note"})
    const box = element("div", {class: "field"},
      element("p", {class: "name"}, element("label", {for: id}, field.label), mark),
      element("div", {class: "entry"}, entry, ...(field.suffix ? [element("span", {class: "suffix"}, field.suffix)] : []), back),
      own, note)

    function tell() {
      clearTimeout(timer)
      if (entry.value === told) return
      told = entry.value
      model.send_msg({intent: "edit", text: JSON.stringify({feature: id, text: told, visit: stay})})
    }
    entry.addEventListener("focus", () => { stay = `${page}-${++visit}` })
    entry.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(tell, PAUSE) })
    entry.addEventListener("change", tell)
    entry.addEventListener("keydown", (event) => { if (event.key === "Enter") tell() })
    entry.addEventListener("blur", () => { if (told !== undefined) tell(); update() })
    back.addEventListener("click", () => { entry.focus(); model.send_msg({intent: "reset", text: id}) })

    function update() {
      const {typed, fields} = model.state
      const now = fields[id] ?? {text: field.text}
      const here = entry.matches(":focus") && typed
      if (!here && entry.value !== now.text) entry.value = now.text
      if (!here) told = now.text
      box.classList.toggle("changed", Boolean(now.changed))
      box.classList.toggle("faulty", Boolean(now.fault))
      mark.hidden = back.hidden = !now.changed && !now.fault
      entry.setAttribute("aria-invalid", String(Boolean(now.fault)))
      const text = now.fault || now.warning || now.meaning || ""
      if (note.textContent !== text) note.textContent = text
      note.className = `note ${now.fault ? "fault" : now.warning ? "warning" : "soft"}`
      note.hidden = !text
    }
    return {box, update, search: plain(`${field.label} ${id}`)}
  }

  function part(field) {
    if (!made.has(field.name)) made.set(field.name, make(field))
    return made.get(field.name)
  }

  function show() {
    const words = plain(search.value).split(/\s+/u).filter(Boolean)
    const {fields: states} = model.state
    const sections = []
    let hits = 0
    for (const {name, fields} of model.groups) {
      const shown = fields.filter((field) => {
        const text = words.length ? (made.get(field.name)?.search ?? plain(`${field.label} ${field.name}`)) : ""
        const hit = words.length ? words.every((word) => text.includes(word)) : field.main
        if (hit && words.length) hits++
        return hit && hits <= model.most || Boolean(states[field.name])
      })
      if (!shown.length) continue
      const parts = shown.map(part)
      parts.forEach(({update}) => update())
      sections.push(element("h3", {}, name), ...parts.map(({box}) => box))
    }
    // Moving an element takes the focus from it, so nothing is moved unless something else is shown.
    const kept = [...list.children].filter((child) => child.localName !== "h3")
    const wanted = sections.filter((child) => child.localName !== "h3")
    if (kept.length !== wanted.length || kept.some((child, k) => child !== wanted[k])) {
      const focused = list.querySelector(":focus")
      list.replaceChildren(...sections)
      focused?.focus()
    }
    found.textContent = words.length ? (hits ? texts.found.replace("{count}", hits) : texts.none) : ""
    found.hidden = !words.length
    status.textContent = model.count
    undo.disabled = !model.state.undoable
    reset.disabled = !model.state.changed
  }

  function begin() {
    made.clear()
    list.replaceChildren()
    show()
  }

  search.addEventListener("input", show)
  model.on("groups", begin)
  model.on("state", show)
  model.on("count", show)
  begin()
  return card
}
