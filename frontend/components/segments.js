export function render({model}) {
  const group = document.createElement("fieldset")
  const legend = document.createElement("legend")
  legend.textContent = model.label
  const list = document.createElement("div")
  list.append(...model.options.map(([key, name]) => {
    const label = document.createElement("label")
    const button = document.createElement("input")
    Object.assign(button, {type: "radio", name: "choice", value: key})
    button.addEventListener("change", () => model.send_msg({intent: "choose", text: key}))
    label.append(button, name)
    return label
  }))
  const show = () => {
    for (const button of list.querySelectorAll("input")) button.checked = button.value === model.value
  }
  model.on("value", show)
  show()
  group.append(legend, list)
  return group
}
