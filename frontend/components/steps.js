export function render({model}) {
  const root = document.createElement("nav")
  const list = document.createElement("ol")
  const status = document.createElement("p")
  root.setAttribute("aria-label", model.label)
  status.className = "out-of-sight"
  status.setAttribute("role", "status")
  root.append(list, status)
  const made = new Map()

  function make(key) {
    const item = document.createElement("li")
    const button = document.createElement("button")
    const [name, state] = [document.createElement("span"), document.createElement("span")]
    button.type = "button"
    name.className = "name"
    state.className = "state"
    button.append(name, " ", state)
    button.addEventListener("click", () => model.send_msg({intent: "go", text: key}))
    item.append(button)
    return {item, button, name, state}
  }

  // The buttons stay, and with them the focus.
  function show() {
    for (const {key, name, state, wrong} of model.steps) {
      if (!made.has(key)) {
        made.set(key, make(key))
        list.append(made.get(key).item)
      }
      const parts = made.get(key)
      parts.name.textContent = name
      parts.state.textContent = state
      parts.state.hidden = !state
      parts.button.classList.toggle("wrong", wrong)
      if (key === model.current) parts.button.setAttribute("aria-current", "step")
      else parts.button.removeAttribute("aria-current")
    }
    if (status.textContent !== model.status) status.textContent = model.status
  }

  for (const part of ["steps", "current", "status"]) model.on(part, show)
  show()
  return root
}
