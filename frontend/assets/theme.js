// The officer's choice of theme; without one the system's, which the style sheet follows by itself. Runs before the
// first paint, so that nothing flashes.
(() => {
  const KEY = "clairscore-theme"
  const root = document.documentElement
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const tell = () => document.dispatchEvent(new Event("themechange"))

  function kept() {
    try {
      return localStorage.getItem(KEY)
    } catch {
      return null  // The browser keeps nothing.
    }
  }

  function follow() {
    const choice = kept()
    if (choice === "dark" || choice === "light") root.dataset.theme = choice
    else delete root.dataset.theme
    tell()
  }

  const theme = () => root.dataset.theme ?? (dark.matches ? "dark" : "light")

  function switchTheme() {
    root.dataset.theme = theme() === "dark" ? "light" : "dark"
    try {
      localStorage.setItem(KEY, root.dataset.theme)
    } catch {
      // Then it holds for this page alone.
    }
    tell()
  }

  // Paper is light. The charts are painted again before the browser takes the page as it is.
  window.addEventListener("beforeprint", () => {
    root.dataset.theme = "light"
    tell()
  })
  window.addEventListener("afterprint", follow)

  window.clairscore = {theme, switchTheme}
  dark.addEventListener("change", tell)
  window.addEventListener("storage", follow)
  follow()
})()
