// The live region stays in the document and only its text changes: a region that is replaced is not announced.
const SIGNS = {
  favourable: "M5 12.5l4.5 4.5L19 7.5",
  unfavourable: "M6 6l12 12M18 6L6 18",
  warning: "M12 5v9M12 18.5v.5",
  neutral: "M12 10.5v8M12 5.5v.5",
  busy: "M12 6v6l4 2.5",
}

export function render({model}) {
  const strip = document.createElement("section")
  strip.setAttribute("aria-labelledby", "heading")
  strip.innerHTML = `
    <svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg>
    <div>
      <h2 id="heading"></h2>
      <div class="said" role="status" aria-atomic="true"><p class="proposal"></p><p class="sentence"></p></div>
      <p class="note"></p>
    </div>`
  const sign = strip.querySelector("path")
  const parts = {
    heading: strip.querySelector("h2"),
    proposal: strip.querySelector(".proposal"),
    sentence: strip.querySelector(".sentence"),
    note: strip.querySelector(".note"),
  }

  function show() {
    strip.className = `card ${model.tone}`
    strip.setAttribute("aria-busy", model.tone === "busy")
    sign.setAttribute("d", SIGNS[model.tone])
    for (const [name, element] of Object.entries(parts)) {
      if (element.textContent !== model[name]) element.textContent = model[name]
      element.hidden = !model[name]
    }
  }

  for (const name of ["tone", ...Object.keys(parts)]) model.on(name, show)
  show()
  return strip
}
