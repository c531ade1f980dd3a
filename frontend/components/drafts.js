const PREFIX = "clairscore.draft."

export function render({model}) {
  function restore() {
    if (!model.client) return
    let kept = {}
    try {
      kept = JSON.parse(sessionStorage.getItem(PREFIX + model.client)) ?? {}
    } catch {
      // Nothing that can be read, or the browser keeps nothing: then there is no draft.
    }
    model.send_msg({intent: "restore", text: JSON.stringify({...kept, client: model.client})})
  }

  function keep() {
    const {client, ...draft} = model.draft
    if (!client) return
    try {
      if (Object.keys(draft.edits).length || draft.scenario) sessionStorage.setItem(PREFIX + client, JSON.stringify(draft))
      else sessionStorage.removeItem(PREFIX + client)
    } catch {
      // The browser keeps nothing: the work lasts as long as the page.
    }
  }

  model.on("client", restore)
  model.on("draft", keep)
  restore()
  return document.createElement("span")
}
