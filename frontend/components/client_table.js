export function render({model}) {
  const {texts} = model
  const root = document.createElement("section")
  root.className = "card"
  root.setAttribute("aria-label", texts.name)
  root.innerHTML = `
    <p class="status" role="status"></p>
    <div class="scroll" tabindex="0" role="region"><table><thead><tr></tr></thead><tbody></tbody></table></div>
    <div class="tools"><button type="button" class="before"></button><button type="button" class="after"></button></div>`
  const [status, scroll, head, body] = [".status", ".scroll", "thead tr", "tbody"].map((name) => root.querySelector(name))
  const [tools, before, after] = [".tools", ".before", ".after"].map((name) => root.querySelector(name))
  scroll.setAttribute("aria-label", texts.table)
  before.textContent = texts.before
  after.textContent = texts.after
  before.addEventListener("click", () => turn(before, "-1"))
  after.addEventListener("click", () => turn(after, "1"))

  // A button that leads nowhere keeps the focus, so it is not disabled but says so.
  function turn(button, pages) {
    if (button.getAttribute("aria-disabled") !== "true") model.send_msg({intent: "turn", text: pages})
  }

  function cell(name, text) {
    const made = document.createElement(name)
    made.textContent = text
    return made
  }

  function showRows() {
    const focused = body.querySelector(":focus")
    head.replaceChildren(...model.header.map((text) => {
      const made = cell("th", text)
      made.scope = "col"
      return made
    }))
    body.replaceChildren(...model.rows.map(({id, cells}) => {
      const row = document.createElement("tr")
      const first = document.createElement("th")
      const open = cell("button", id)
      first.scope = "row"
      open.type = "button"
      open.setAttribute("aria-label", texts.open.replace("{client}", id))
      open.addEventListener("click", () => model.send_msg({intent: "choose", text: id}))
      first.append(open)
      row.append(first, ...cells.map((text) => cell("td", text)))
      return row
    }))
    scroll.hidden = model.rows.length === 0
    if (focused) scroll.focus()
  }

  function show() {
    if (status.textContent !== model.status) status.textContent = model.status
    before.setAttribute("aria-disabled", String(!model.before))
    after.setAttribute("aria-disabled", String(!model.after))
    tools.hidden = !model.before && !model.after
    root.setAttribute("aria-busy", String(model.busy))
  }

  for (const part of ["header", "rows"]) model.on(part, showRows)
  for (const part of ["status", "before", "after", "busy"]) model.on(part, show)
  showRows()
  show()
  return root
}
