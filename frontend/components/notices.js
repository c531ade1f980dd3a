export function render({model}) {
  const region = document.createElement("div")
  region.setAttribute("role", "status")

  function show() {
    const before = new Map([...region.children].map((message) => [message.textContent, message]))
    region.replaceChildren(...model.messages.map((text) => {
      if (before.has(text)) return before.get(text)
      const message = document.createElement("p")
      message.textContent = text
      return message
    }))
    region.className = model.urgent ? "urgent" : ""
  }

  model.on("messages", show)
  show()
  return region
}
