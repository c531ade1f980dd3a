// Panel's own Location pushes addresses but does not listen to "back".
export function render({model}) {
  const inAddress = () => new URL(location.href).searchParams.get("client") ?? ""

  model.on("client", () => {
    if (model.client === inAddress()) return
    const url = new URL(location.href)
    if (model.client) url.searchParams.set("client", model.client)
    else url.searchParams.delete("client")
    history.pushState(null, "", url)
  })
  model.on("title", () => { document.title = model.title })

  const follow = () => model.send_msg({intent: "choose", text: inAddress()})
  window.addEventListener("popstate", follow)
  model.on("remove", () => window.removeEventListener("popstate", follow))
  return document.createElement("span")
}
