export function render({model}) {
  const {texts} = model
  const root = document.createElement("section")
  root.setAttribute("aria-labelledby", "title")
  root.innerHTML = `
    <div class="line">
      <h2 id="title"></h2>
      <ul></ul>
      <button type="button" class="all"></button>
      <p role="status"></p>
    </div>
    <details><summary></summary></details>`
  const [title, list, all, said] = ["h2", "ul", ".all", "p"].map((name) => root.querySelector(name))
  const details = root.querySelector("details")
  title.textContent = texts.title
  all.textContent = texts.all
  details.firstElementChild.textContent = texts.choose
  details.append(model.get_child("form"))
  all.addEventListener("click", () => drop(""))

  // What has the focus goes away with the condition; the way to choose others stays.
  function drop(key) {
    details.firstElementChild.focus()
    model.send_msg({intent: "drop", text: key})
  }

  function chip([key, text]) {
    const item = document.createElement("li")
    const button = document.createElement("button")
    button.type = "button"
    button.setAttribute("aria-label", texts.remove.replace("{condition}", text))
    button.innerHTML = `<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2 2l8 8M10 2l-8 8"/></svg>`
    button.addEventListener("click", () => drop(key))
    item.append(text, button)
    return item
  }

  function show() {
    const active = model.conditions.length > 0
    root.className = active ? "card active" : "card"
    list.replaceChildren(...model.conditions.map(chip))
    list.hidden = all.hidden = !active
    if (said.textContent !== model.said) said.textContent = model.said
  }

  model.on("conditions", show)
  model.on("said", show)
  show()
  return root
}
