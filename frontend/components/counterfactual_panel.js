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
  const find = element("button", {type: "button", class: "find"}, texts.find)
  const message = element("p", {class: "soft message", role: "status"})
  const rules = element("div", {class: "rules"})
  const details = element("details", {}, element("summary", {}, texts.limits), element("p", {class: "soft"}, texts.explain), rules)
  const answers = element("ol")
  const file = element("div")
  const card = element("section", {class: "card", "aria-labelledby": "title"},
    element("h2", {id: "title"}, texts.title), element("div", {class: "ask"}, find, message), details, answers, file)
  find.addEventListener("click", () => { if (model.ready && !model.busy) model.send_msg({intent: "find", text: ""}) })

  function showState() {
    find.setAttribute("aria-disabled", String(!model.ready || model.busy))
    card.setAttribute("aria-busy", String(model.busy))
    if (message.textContent !== model.message) message.textContent = model.message
  }

  function showAnswers() {
    answers.replaceChildren(...model.answers.map(({sentence, score, plausibility, changes}, k) => {
      const id = `answer-${k}`
      const apply = element("button", {type: "button", "aria-describedby": id}, texts.apply)
      apply.addEventListener("click", () => model.send_msg({intent: "apply", text: String(k)}))
      const rows = changes.map(([label, before, after]) =>
        element("tr", {}, element("th", {scope: "row"}, label), element("td", {}, before), element("td", {}, after)))
      const head = element("thead", {}, element("tr", {},
        ...[texts.field, texts.before, texts.after].map((text) => element("th", {scope: "col"}, text))))
      return element("li", {},
        element("h3", {}, texts.answer.replace("{number}", k + 1)),
        element("p", {id, class: "sentence"}, sentence),
        element("table", {}, head, element("tbody", {}, ...rows)),
        element("p", {}, element("strong", {}, score)),
        element("p", {class: "soft"}, plausibility),
        apply)
    }))
  }

  // Built once for a dictionary; then only what is chosen changes.
  let built = ""
  function showLimits() {
    const key = model.limits.map(({feature}) => feature).join()
    if (key !== built) {
      built = key
      rules.replaceChildren(...model.limits.map(({feature, label, rules}) => {
        const list = element("select", {id: feature}, ...rules.map(([rule, name]) => new Option(name, rule)))
        list.addEventListener("change", () => model.send_msg({intent: "limit", text: JSON.stringify({feature, rule: list.value})}))
        return element("div", {}, element("label", {for: feature}, label), list)
      }))
    }
    for (const {feature, rule} of model.limits) rules.querySelector(`#${CSS.escape(feature)}`).value = rule
  }

  const showFile = () => { file.innerHTML = model.file }

  model.on("file", showFile)
  for (const part of ["message", "busy", "ready"]) model.on(part, showState)
  model.on("answers", showAnswers)
  model.on("limits", showLimits)
  showState()
  showAnswers()
  showLimits()
  showFile()
  return card
}
