const PREFIX = "clairscore.draft."

export function render({model}) {
  function restore() {
    if (!model.key) return
    let kept = {}
    try {
      kept = JSON.parse(sessionStorage.getItem(PREFIX + model.key)) ?? {}
    } catch {
      // Nothing that can be read, or the browser keeps nothing: then there is no draft.
    }
    model.send_msg({intent: "restore", text: JSON.stringify({...kept, key: model.key})})
  }

  function keep() {
    const {key, ...draft} = model.draft
    if (!key) return
    try {
      if (Object.values(draft).some((part) => Object.keys(part).length)) sessionStorage.setItem(PREFIX + key, JSON.stringify(draft))
      else sessionStorage.removeItem(PREFIX + key)
    } catch {
      // The browser keeps nothing: the work lasts as long as the page.
    }
  }

  model.on("key", restore)
  model.on("draft", keep)
  restore()
  return document.createElement("span")
}
