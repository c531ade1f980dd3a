const PAUSE = 120  // milliseconds without a key before the server is asked

export function render({model}) {
  const {texts} = model
  const card = document.createElement("section")
  card.className = "card"
  card.setAttribute("aria-labelledby", "title")
  card.innerHTML = `
    <h2 id="title"></h2>
    <details>
      <summary></summary>
      <div class="line">
        <div class="field"><label for="query"></label><input id="query" type="search" autocomplete="off" spellcheck="false"></div>
        <p role="status"></p>
        <p class="files"><a download="features.csv">CSV</a></p>
      </div>
      <div class="region" tabindex="0" role="region"><table><thead><tr></tr></thead><tbody></tbody></table></div>
    </details>`
  const [details, query, said, region] = ["details", "input", "[role=status]", ".region"].map((name) => card.querySelector(name))
  const [head, body] = ["thead tr", "tbody"].map((name) => card.querySelector(name))
  card.querySelector("h2").textContent = texts.title
  card.querySelector("summary").textContent = texts.open
  card.querySelector("label").textContent = texts.query
  card.querySelector(".files").prepend(`${texts.download} `)
  card.querySelector(".files a").href = model.file
  region.setAttribute("aria-label", texts.region)

  function cell(kind, text, row) {
    const made = document.createElement(kind)
    made.textContent = text
    row.append(made)
    return made
  }

  for (const text of texts.header) cell("th", text, head).scope = "col"

  let timer
  const ask = () => model.send_msg({intent: "look", text: details.open ? `*${query.value.trim()}` : ""})
  details.addEventListener("toggle", () => { if (details.open !== model.open) ask() })
  query.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  })

  function showRows() {
    body.replaceChildren(...model.rows.map(([name, label, address, ...cells]) => {
      const row = document.createElement("tr")
      const heading = cell("th", "", row)
      heading.scope = "row"
      const link = document.createElement("a")
      link.href = address
      link.textContent = label
      const technical = document.createElement("span")
      technical.textContent = name
      heading.append(link, technical)
      for (const text of cells) cell("td", text, row)
      return row
    }))
    if (said.textContent !== model.said) said.textContent = model.said
  }

  function showOpen() {
    details.open = model.open
    // What is being typed stays.
    if (!query.matches(":focus") && query.value !== model.query) query.value = model.query
  }

  model.on("rows", showRows)
  model.on("said", showRows)
  model.on("open", showOpen)
  model.on("query", showOpen)
  showRows()
  showOpen()
  return card
}
