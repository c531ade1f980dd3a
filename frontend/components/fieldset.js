const PAUSE = 250  // milliseconds without a key before a live form tells what was typed

export function render({model}) {
  const root = document.createElement("fieldset")
  const legend = document.createElement("legend")
  const places = document.createElement("div")
  const tools = document.createElement("div")
  places.className = "fields"
  tools.className = "tools"
  legend.tabIndex = -1
  if (model.aligned) root.className = "aligned"
  root.append(legend, places, tools)
  let inputs = new Map()
  let timer

  const values = () => JSON.stringify(Object.fromEntries([...inputs].map(([name, {input}]) => [name, input.value])))
  const tell = (intent) => model.send_msg({intent, text: values()})
  const shape = (one) => JSON.stringify([one.name, one.label, one.options, one.slider, one.unit, one.mark])

  function make(one) {
    const place = document.createElement("div")
    const label = document.createElement("label")
    const input = document.createElement(one.options.length ? "select" : "input")
    const error = document.createElement("p")
    const hint = document.createElement("p")
    const line = document.createElement("div")
    const id = `field-${one.name}`
    place.className = one.slider ? "field wide" : one.options.length ? "field" : "field short"
    line.className = "line"
    error.className = "fault"
    error.id = `${id}-error`
    hint.className = "hint"
    hint.id = `${id}-hint`
    label.htmlFor = input.id = id
    label.textContent = one.label
    if (one.mark) {
      const mark = document.createElement("span")
      mark.className = "mark"
      mark.textContent = one.mark
      label.append(" ", mark)
    }
    if (one.required) input.setAttribute("aria-required", "true")
    if (one.options.length) {
      input.append(...one.options.map(([key, name]) => new Option(name, key)))
    } else if (one.slider) {
      const [min, max, step] = one.slider
      Object.assign(input, {type: "range", min, max, step})
    } else {
      Object.assign(input, {type: "text", inputMode: "decimal", autocomplete: "off"})
    }
    // Enter brings this event too; told twice, the second time could take an answer to the first back.
    input.addEventListener("change", () => { clearTimeout(timer); tell("change") })
    if (model.live && input.type === "text") {
      input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => tell("change"), PAUSE) })
    }
    line.append(input)
    if (one.unit && !one.slider) {
      const unit = document.createElement("span")
      unit.textContent = one.unit
      unit.id = `${id}-unit`
      line.append(unit)
    }
    place.append(label, line, hint, error)
    return {place, input, error, hint, shape: shape(one), sent: null}
  }

  function fill(made, one) {
    // What is being typed stays, unless the server has another value than before.
    const typing = made.input.matches(":focus") && made.input.type === "text" && (made.sent === one.value || model.live && made.filling === one.filling)
    if (!typing && made.input.value !== one.value) made.input.value = one.value
    made.sent = one.value
    made.filling = one.filling
    for (const part of ["error", "hint"]) {
      if (made[part].textContent !== one[part]) made[part].textContent = one[part]
      made[part].hidden = !one[part]
    }
    if (one.error) made.input.setAttribute("aria-invalid", "true")
    else made.input.removeAttribute("aria-invalid")
    const told = [one.unit && !one.slider && `field-${one.name}-unit`, one.hint && made.hint.id, one.error && made.error.id].filter(Boolean).join(" ")
    if (told) made.input.setAttribute("aria-describedby", told)
    else made.input.removeAttribute("aria-describedby")
    if (one.slider && one.unit) made.input.setAttribute("aria-valuetext", `${one.value} ${one.unit}`)
  }

  // A field that stays the same is kept, and with it the focus.
  function show() {
    const before = inputs
    inputs = new Map(model.fields.map((one) => {
      const old = before.get(one.name)
      return [one.name, old && old.shape === shape(one) ? old : make(one)]
    }))
    const wanted = [...inputs.values()].map(({place}) => place)
    if (wanted.length !== places.children.length || wanted.some((place, k) => places.children[k] !== place)) {
      places.replaceChildren(...wanted)
    }
    for (const one of model.fields) fill(inputs.get(one.name), one)
  }

  function showButtons() {
    tools.hidden = model.buttons.length === 0
    tools.replaceChildren(...model.buttons.map(([key, name]) => {
      const button = document.createElement("button")
      Object.assign(button, {type: "button", textContent: name})
      if (key === model.main) button.className = "main"
      button.addEventListener("click", () => tell(key))
      return button
    }))
  }

  function showLegend() {
    legend.textContent = model.legend
    if (root.querySelector(":focus")) legend.focus()
  }

  model.on("legend", showLegend)
  model.on("fields", show)
  model.on("buttons", showButtons)
  showLegend()
  show()
  showButtons()
  return root
}
