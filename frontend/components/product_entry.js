export function render({model}) {
  const {texts} = model
  const root = document.createElement("section")
  root.className = "card"
  root.setAttribute("aria-labelledby", "title")
  root.innerHTML = `
    <h2 id="title"></h2>
    <label for="products"></label>
    <textarea id="products" rows="6" spellcheck="false" aria-describedby="hint"></textarea>
    <p id="hint" class="soft"></p>
    <div class="tools">
      <button type="button" class="main"></button>
      <button type="button" class="stop"></button>
      <progress max="1"></progress>
    </div>`
  const [title, label, field, hint] = ["h2", "label", "textarea", "#hint"].map((name) => root.querySelector(name))
  const [classify, stop, progress] = [".main", ".stop", "progress"].map((name) => root.querySelector(name))
  title.textContent = texts.title
  label.textContent = texts.label
  hint.textContent = texts.hint
  classify.textContent = texts.classify
  stop.textContent = texts.stop
  progress.setAttribute("aria-label", texts.progress)
  classify.addEventListener("click", () => model.send_msg({intent: "classify", text: field.value}))
  stop.addEventListener("click", () => {
    model.send_msg({intent: "stop", text: ""})
    // The button goes away: who used the keyboard stays in its place.
    classify.focus()
  })

  function show() {
    stop.hidden = progress.hidden = !model.running
    progress.value = model.done
  }

  model.on("running", show)
  model.on("done", show)
  show()
  return root
}
