export function render({model}) {
  const {texts} = model
  const card = document.createElement("section")
  card.className = "card"
  card.setAttribute("aria-labelledby", "title")
  const title = document.createElement("h2")
  title.id = "title"
  title.textContent = texts.title
  const text = document.createElement("p")
  text.className = "soft"
  text.textContent = texts.text
  const links = document.createElement("p")
  links.className = "links"
  const status = document.createElement("p")
  status.className = "status"
  status.setAttribute("role", "status")
  card.append(title, text, links, status)
  let fetching = null

  function save(blob, name) {
    const link = document.createElement("a")
    link.href = URL.createObjectURL(blob)
    link.download = name
    link.click()
    // The browser reads the file after the click.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  }

  async function fetchLetter(letter) {
    fetching?.abort()
    const mine = fetching = new AbortController()
    status.textContent = texts.busy
    card.setAttribute("aria-busy", "true")
    let said
    try {
      const answer = await fetch(letter.address, {signal: mine.signal, cache: "no-store"})
      if (answer.ok) {
        save(await answer.blob(), letter.file)
        said = texts.done.replace("{file}", letter.file)
      } else {
        // A refusal is a page of one sentence.
        const page = new DOMParser().parseFromString(await answer.text(), "text/html")
        said = page.querySelector("main p")?.textContent ?? texts.failed
      }
    } catch {
      said = texts.failed
    }
    if (mine !== fetching) return
    fetching = null
    status.textContent = said
    card.removeAttribute("aria-busy")
  }

  function show() {
    fetching?.abort()
    fetching = null
    status.textContent = ""
    card.removeAttribute("aria-busy")
    links.replaceChildren(texts.download, ...model.letters.map((letter) => {
      const link = document.createElement("a")
      Object.assign(link, {href: letter.address, download: letter.file, lang: letter.code, hreflang: letter.code})
      link.textContent = letter.name
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        fetchLetter(letter)
      })
      return link
    }))
  }

  model.on("letters", show)
  model.on("remove", () => fetching?.abort())
  show()
  return card
}
