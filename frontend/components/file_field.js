export function render({model}) {
  const {texts} = model
  const root = document.createElement("section")
  root.className = "card"
  root.setAttribute("aria-labelledby", "title")
  root.innerHTML = `
    <h2 id="title"></h2>
    <button type="button" aria-describedby="hint"></button>
    <input type="file" hidden>
    <p id="hint" class="soft"></p>
    <p class="link"><a download></a></p>
    <p class="message" role="status"></p>
    <div role="alert"><ul></ul></div>`
  // The browser's own field speaks the browser's language; the button stands for it.
  const [title, button, input, hint] = ["h2", "button", "input", "#hint"].map((name) => root.querySelector(name))
  const [link, message, list] = ["a", ".message", "ul"].map((name) => root.querySelector(name))
  title.textContent = texts.title
  button.textContent = texts.choose
  button.addEventListener("click", () => input.click())
  hint.textContent = texts.hint
  link.textContent = texts.link ?? ""
  input.accept = model.accept

  async function base64(blob) {
    const bytes = new Uint8Array(await blob.arrayBuffer())
    let text = ""
    for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192))
    return btoa(text)
  }

  input.addEventListener("change", async () => {
    const file = input.files[0]
    if (!file) return
    const content = await base64(file.slice(0, model.limit + 1))
    model.send_msg({intent: "file", text: JSON.stringify({name: file.name, content})})
    // The same file, mended, must be a change again.
    input.value = ""
  })

  function show() {
    link.href = model.template
    link.parentElement.hidden = !model.template
    message.textContent = model.message
    message.hidden = !model.message
    list.replaceChildren(...model.problems.map((text) => {
      const item = document.createElement("li")
      item.textContent = text
      return item
    }))
    list.hidden = model.problems.length === 0
  }

  for (const part of ["template", "message", "problems"]) model.on(part, show)
  show()
  return root
}
