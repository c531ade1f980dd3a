export function render({model}) {
  const root = document.createElement("div")
  const label = document.createElement("label")
  label.htmlFor = "choice"
  label.textContent = model.label
  const list = document.createElement("select")
  list.id = "choice"
  list.addEventListener("change", () => model.send_msg({intent: "choose", text: list.value}))
  const show = () => { list.value = model.value }
  const fill = () => {
    list.replaceChildren(...model.options.map(([key, name]) => new Option(name, key)))
    show()
  }
  model.on("value", show)
  model.on("options", fill)
  fill()
  root.append(label, list)
  return root
}
