export function render({model}) {
  const {texts} = model
  const root = document.createElement("section")
  root.className = "card"
  root.setAttribute("aria-labelledby", "title")
  root.innerHTML = `
    <h2 id="title"></h2>
    <form>
      <label for="reference"></label>
      <div class="entry"><input id="reference" type="text" autocomplete="off" aria-describedby="hint"><button type="submit"></button></div>
    </form>
    <p id="hint" class="soft"></p>
    <p class="message" role="status" tabindex="-1"></p>`
  const [title, form, label, input] = ["h2", "form", "label", "input"].map((name) => root.querySelector(name))
  const [button, hint, message] = ["button", "#hint", ".message"].map((name) => root.querySelector(name))
  title.textContent = texts.title
  label.textContent = texts.label
  input.maxLength = texts.limit
  button.textContent = texts.store
  hint.textContent = texts.hint
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    if (!model.busy) model.send_msg({intent: "store", text: input.value})
  })

  function show() {
    button.disabled = model.busy
    if (message.textContent !== model.message) message.textContent = model.message
    message.hidden = !model.message
    const inside = root.querySelector(":focus")
    form.hidden = hint.hidden = model.stored
    // The focus stays where the officer was.
    if (model.stored && inside) message.focus()
  }

  model.on("message", show)
  model.on("busy", show)
  model.on("stored", show)
  show()
  return root
}
