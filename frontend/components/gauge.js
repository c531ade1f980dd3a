// Draws what Python has computed. Children of a role=meter are presentational, so the drawing has one name and one
// value text, and the bands are also a table.
const SVG = "http://www.w3.org/2000/svg"
const CENTRE = {x: 170, y: 158}

function svg(name, attributes, parent) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  parent?.append(element)
  return element
}

function html(name, text, parent) {
  const element = document.createElement(name)
  if (text) element.textContent = text
  parent?.append(element)
  return element
}

export function render({model}) {
  const card = html("section")
  card.className = "card"
  card.setAttribute("aria-labelledby", "title")
  html("h2", model.texts.title, card).id = "title"

  const meter = svg("svg", {viewBox: "36 0 268 180", role: "meter", "aria-valuemin": 0, "aria-valuemax": 100}, card)
  meter.setAttribute("aria-label", model.label)
  const ring = svg("g", {}, meter)
  const threshold = svg("line", {class: "threshold"}, meter)
  const thresholdLabel = svg("text", {class: "threshold-label"}, meter)
  // An arrow that touches the ring from inside; turned about the centre.
  const needle = svg("path", {class: "needle", d: `M${CENTRE.x - 6} ${CENTRE.y - 72}h12L${CENTRE.x} ${CENTRE.y - 91}z`}, meter)
  const percent = svg("text", {class: "percent", x: CENTRE.x, y: CENTRE.y - 18}, meter)
  const band = svg("text", {class: "band", x: CENTRE.x, y: CENTRE.y + 6}, meter)
  svg("text", {class: "end", x: CENTRE.x - 107, y: CENTRE.y + 18}, meter).textContent = "0"
  svg("text", {class: "end", x: CENTRE.x + 107, y: CENTRE.y + 18}, meter).textContent = "100"

  const details = html("details", "", card)
  html("summary", model.texts.summary, details)
  const table = html("table", "", details)
  const head = html("tr", "", html("thead", "", table))
  for (const text of [model.texts.band, model.texts.range]) html("th", text, head).scope = "col"
  const body = html("tbody", "", table)
  const file = html("div", "", details)

  function drawScale() {
    ring.replaceChildren(...model.bands.map(({key, path, fill}) => svg("path", {d: path, fill, "data-band": key})))
    body.replaceChildren(...model.bands.map(({key, name, range, fill}) => {
      const row = html("tr")
      row.dataset.band = key
      const first = html("th", "", row)
      first.scope = "row"
      html("span", "", first).style.background = fill
      first.append(name)
      html("td", range, row)
      return row
    }))
    const {label, x, y, ...line} = model.threshold
    for (const [key, value] of Object.entries(line)) threshold.setAttribute(key, value)
    if (label) {
      thresholdLabel.setAttribute("x", x)
      thresholdLabel.setAttribute("y", y)
      thresholdLabel.textContent = label
    }
    drawScore()
  }

  function drawScore() {
    const {score} = model
    const known = score.percent !== undefined
    card.classList.toggle("empty", !known)
    card.setAttribute("aria-busy", model.busy)
    percent.textContent = known ? score.percent : "–"
    band.textContent = known ? score.name : ""
    if (known) needle.style.transform = `rotate(${score.angle}deg)`
    meter.setAttribute("aria-valuenow", known ? score.now : 0)
    meter.setAttribute("aria-valuetext", known ? score.text : model.texts.none)
    for (const element of card.querySelectorAll("[data-band]")) {
      const here = known && element.dataset.band === score.band
      element.classList.toggle("here", here)
      if (element.localName === "tr") {
        element.querySelector("em")?.remove()
        if (here) html("em", ` (${model.texts.here})`, element.firstChild)
      }
    }
  }

  const showFile = () => { file.innerHTML = model.file }

  model.on("file", showFile)
  model.on("bands", drawScale)
  model.on("threshold", drawScale)
  model.on("score", drawScore)
  model.on("busy", drawScore)
  showFile()
  drawScale()
  return card
}
