// Panel's own Location pushes addresses but does not listen to "back".
export function render({model}) {
  const inAddress = (name) => new URL(location.href).searchParams.get(name) ?? ""

  model.on("parameters", () => {
    const changed = Object.entries(model.parameters).filter(([name, value]) => value !== inAddress(name))
    if (changed.length === 0) return
    const url = new URL(location.href)
    for (const [name, value] of changed) {
      if (value) url.searchParams.set(name, value)
      else url.searchParams.delete(name)
    }
    history.pushState(null, "", url)
  })
  model.on("title", () => { document.title = model.title })

  const follow = () => {
    for (const name of Object.keys(model.parameters)) model.send_msg({intent: name, text: inAddress(name)})
  }
  window.addEventListener("popstate", follow)
  model.on("remove", () => window.removeEventListener("popstate", follow))
  return document.createElement("span")
}
