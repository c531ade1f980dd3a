const STEP = 100  // rows that are drawn at a time

function element(name, text, parent) {
  const made = document.createElement(name)
  if (text) made.textContent = text
  parent?.append(made)
  return made
}

function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser reads the file after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

export function render({model}) {
  const {texts} = model
  const card = element("section")
  card.className = "card"
  card.setAttribute("aria-labelledby", "title")
  card.innerHTML = `
    <h2 id="title"></h2>
    <div class="tools">
      <p></p>
      <label><input type="checkbox"><span></span></label>
      <button type="button" class="file"></button>
    </div>
    <div class="region" tabindex="0" role="region"><table><thead></thead><tbody></tbody></table></div>
    <button type="button" class="more"></button>`
  const [summary, filter, file] = [".tools p", "input", ".file"].map((name) => card.querySelector(name))
  const [region, head, body, more] = [".region", "thead", "tbody", ".more"].map((name) => card.querySelector(name))
  card.querySelector("h2").textContent = texts.title
  card.querySelector("span").textContent = texts.unknown
  region.setAttribute("aria-label", texts.region)
  file.textContent = texts.download
  more.textContent = texts.more
  const heads = element("tr", "", head)
  for (const name of ["product", "category"]) element("th", texts[name], heads).scope = "col"

  let drawn = 0
  const wanted = () => filter.checked ? model.rows.filter((row) => row.unknown) : model.rows

  function draw(row) {
    const line = element("tr", "", body)
    line.classList.toggle("unknown", row.unknown)
    const product = element("th", row.product, line)
    product.scope = "row"
    if (row.note) element("p", row.note, product).className = "soft"
    const category = element("td", "", line)
    element("strong", row.category, category)
    element("span", row.confidence, category).className = "confidence"
    if (row.best) element("p", row.best, category).className = "soft"
    if (!row.near.length) return
    const details = element("details", "", category)
    element("summary", row.evidence, details)
    const list = element("ul", "", details)
    for (const [label, similarity, text] of row.near) {
      const item = element("li", "", list)
      element("strong", `${label} · ${similarity}`, item)
      element("span", text, item)
    }
  }

  function add(count) {
    const rows = wanted()
    for (const row of rows.slice(drawn, drawn + count)) draw(row)
    drawn = Math.min(rows.length, drawn + count)
    more.hidden = drawn >= rows.length
  }

  function anew() {
    body.replaceChildren()
    drawn = 0
    add(STEP)
  }

  let first
  function show() {
    summary.textContent = model.summary
    file.disabled = !model.csv
    // While a job is running rows come at the end: what is open stays open.
    const same = !filter.checked && model.rows.length >= drawn && first === JSON.stringify(model.rows[0])
    first = JSON.stringify(model.rows[0])
    if (same) add(Math.max(0, STEP - drawn))
    else anew()
  }

  filter.addEventListener("change", anew)
  more.addEventListener("click", () => {
    const next = drawn
    add(STEP)
    // The button may be gone: who used the keyboard goes on at the first new row.
    body.children[next]?.querySelector("summary")?.focus()
  })
  file.addEventListener("click", () => {
    const bytes = Uint8Array.from(atob(model.csv), (letter) => letter.charCodeAt(0))
    save(new Blob([bytes], {type: "text/csv"}), `${texts.file}.csv`)
  })
  for (const part of ["rows", "summary", "csv"]) model.on(part, show)
  show()
  return card
}
