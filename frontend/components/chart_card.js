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
  const title = element("h2", "", card)
  title.id = "title"
  const message = element("p", "", card)
  message.className = "message"
  message.setAttribute("role", "status")
  const shown = element("div", "", card)
  shown.className = "shown"
  const top = element("div", "", shown)
  const summary = element("p", "", top)
  summary.className = "soft summary"
  const drawing = element("div", "", top)
  drawing.className = "drawing"
  const place = model.get_child("figure")
  drawing.append(place)

  const tools = element("div", "", shown)
  tools.className = "tools"
  const details = element("details", "", tools)
  element("summary", texts.table, details)
  const region = element("div", "", details)
  region.className = "region"
  region.tabIndex = 0
  region.setAttribute("role", "region")
  const table = element("table", "", region)
  const files = element("p", `${texts.download} `, tools)
  files.className = "files"
  for (const [kind, write] of [["CSV", saveTable], ["PNG", savePicture], ["SVG", saveDrawing]]) {
    const button = element("button", kind, files)
    button.type = "button"
    button.addEventListener("click", write)
  }

  // Not by model.chart, which can arrive after the drawing.
  const view = () => window.Bokeh.index.find_one_by_id(model.figure.children[0]?.id)

  // Table and file come when they are first wanted (most are not), and from then on with every chart.
  const arrived = () => model.twin.figure === model.chart.figure
  function ask() {
    if (!arrived()) model.send_msg({intent: "twin", text: ""})
  }

  let saving = false
  function saveTable() {
    ask()
    saving = !arrived()
    if (saving) return
    const bytes = Uint8Array.from(atob(model.twin.csv), (letter) => letter.charCodeAt(0))
    save(new Blob([bytes], {type: "text/csv"}), `${model.chart.name}.csv`)
  }

  async function savePicture() {
    save(await view().export("png", true).to_blob(), `${model.chart.name}.png`)
  }

  async function saveDrawing() {
    save(await view().export("svg", false).to_blob(), `${model.chart.name}.svg`)
  }

  // An open table keeps its rows until those of the new chart are there: the page does not jump.
  let filled = ""
  function fillTable() {
    if (!details.open || !arrived() || filled === model.chart.figure) return
    filled = model.chart.figure
    table.replaceChildren()
    const head = element("tr", "", element("thead", "", table))
    for (const text of model.twin.header) element("th", text, head).scope = "col"
    const body = element("tbody", "", table)
    for (const [heading, ...cells] of model.twin.rows) {
      const row = element("tr", "", body)
      element("th", heading, row).scope = "row"
      for (const cell of cells) element("td", cell, row)
    }
  }

  function toggleTable() {
    if (!details.open) return
    if (!arrived()) table.replaceChildren()
    ask()
    fillTable()
  }

  function show() {
    const {chart} = model
    const there = !model.message && Boolean(chart.title)
    title.textContent = (there && chart.title) || model.title
    if (message.textContent !== model.message) message.textContent = model.message
    shown.hidden = !there
    card.setAttribute("aria-busy", String(model.busy))
    card.classList.toggle("waiting", model.busy && !there)
    if (!there) return
    summary.textContent = chart.summary
    region.setAttribute("aria-label", texts.region.replace("{title}", chart.title))
    fillTable()
  }

  // A picture has one stop at most, and this one has nothing to be done in it.
  function settle() {
    view()?.canvas_view.events_el.setAttribute("tabindex", "-1")
  }

  function repaint() {
    const figure = view()
    if (!figure) return
    const {primary, overlays} = figure.canvas_view
    for (const layer of [primary, overlays]) {
      // Bokeh itself leaves half a pixel at the edges, which would keep a trace of the other theme.
      layer.undo_transform((context) => context.clearRect(0, 0, layer.canvas.width, layer.canvas.height))
    }
    figure.request_repaint()
  }

  // Paper is narrower than most windows, and a drawing that changed its size would stay empty until after the printing.
  // So a picture is printed, made as the one to download is.
  let picture = null
  function takePicture() {
    if (shown.hidden || !view()) return
    picture = view().export("png", true).canvas
    picture.className = "picture"
    drawing.after(picture)
  }

  function dropPicture() {
    picture?.remove()
    picture = null
  }

  const watch = new MutationObserver(settle)
  watch.observe(place.shadowRoot, {childList: true})
  details.addEventListener("toggle", toggleTable)
  model.on("twin", () => {
    fillTable()
    if (saving) saveTable()
  })
  document.addEventListener("themechange", repaint)
  window.addEventListener("beforeprint", takePicture)
  window.addEventListener("afterprint", dropPicture)
  model.on("remove", () => {
    document.removeEventListener("themechange", repaint)
    window.removeEventListener("beforeprint", takePicture)
    window.removeEventListener("afterprint", dropPicture)
    watch.disconnect()
  })
  for (const name of ["chart", "message", "busy", "title"]) model.on(name, show)
  show()
  return card
}
