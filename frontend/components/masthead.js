export function render({model}) {
  const {texts} = model
  const root = document.createElement("div")
  root.className = "bar"
  root.innerHTML = `
    <a class="home"><span>Prêt à dépenser</span></a>
    <h1></h1>
    <div class="tools">
      <button type="button" aria-pressed="false">
        <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z"/></svg>
      </button>
      <nav class="languages"></nav>
    </div>
    <nav class="pages"><ul></ul></nav>`
  const [home, title, theme] = [".home", "h1", "button"].map((name) => root.querySelector(name))
  const [languages, pages] = [".languages", ".pages"].map((name) => root.querySelector(name))
  home.href = model.home
  home.insertAdjacentHTML("afterbegin", model.logo)
  title.textContent = model.title
  theme.setAttribute("aria-label", texts.dark)
  theme.title = texts.dark
  languages.setAttribute("aria-label", texts.language)
  pages.setAttribute("aria-label", texts.pages)

  function showPages() {
    pages.firstElementChild.replaceChildren(...model.pages.map(({name, address, current}) => {
      const item = document.createElement("li")
      const link = document.createElement("a")
      link.href = address
      link.textContent = name
      if (current) link.setAttribute("aria-current", "page")
      item.append(link)
      return item
    }))
    // Each of them, too: they grow when the font comes.
    fits.disconnect()
    for (const box of [pages, ...pages.firstElementChild.children]) fits.observe(box)
    showCurrent()
  }

  // Where not all pages fit in, the one that is open is in sight.
  function showCurrent() {
    const link = pages.querySelector("[aria-current]")
    if (link) pages.scrollLeft = link.offsetLeft - pages.offsetLeft - (pages.clientWidth - link.offsetWidth) / 2
  }

  const fits = new ResizeObserver(showCurrent)

  function showLanguages() {
    languages.replaceChildren(...model.languages.map(({code, name, address}) => {
      const link = document.createElement("a")
      Object.assign(link, {className: "language", href: address, hreflang: code, lang: code, textContent: name})
      return link
    }))
  }

  const showTheme = () => theme.setAttribute("aria-pressed", String(window.clairscore.theme() === "dark"))
  theme.addEventListener("click", () => window.clairscore.switchTheme())
  document.addEventListener("themechange", showTheme)
  model.on("remove", () => {
    document.removeEventListener("themechange", showTheme)
    fits.disconnect()
  })
  model.on("pages", showPages)
  model.on("languages", showLanguages)
  showPages()
  showLanguages()
  showTheme()
  return root
}
