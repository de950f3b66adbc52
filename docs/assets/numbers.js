/* How numbers are written: the rules and their reasons stand in proggen/numbers.py, and a test compares the two text
   for text. Which precision a column has is decided there and comes with the data. */
window.proggenNumbers = (() => {
  const [DASH, MINUS] = ["–", "−"]
  const [NOISE, SMALLEST, MOST, SMALL, LARGE] = [1e-9, 1e-3, 8, -4, 6]
  const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" }

  const known = value => value !== null && value !== undefined && Number.isFinite(value)
  const isNoise = (value, scale = 0) => Math.abs(value) <= NOISE * Math.max(Math.abs(scale), SMALLEST)
  const signed = text => (Number(text) ? text.replace("-", MINUS) : text.replace("-", ""))
  const timesTen = power => ` × 10${[...String(power)].map(c => RAISED[c]).join("")}`
  const parts = (value, digits) => {
    const [mantissa, power] = value.toExponential(digits - 1).split("e")
    return [mantissa, Number(power)]
  }

  /* `digits` significant digits; "0" for what is rounding noise beside values of size `scale`. */
  function number(value, digits = 3, scale = 0) {
    if (!known(value)) return DASH
    if (isNoise(value, scale)) return "0"
    const [mantissa, power] = parts(value, digits)
    if (power < SMALL || power >= LARGE) return signed(mantissa) + timesTen(power)
    return signed(value.toFixed(Math.min(MOST, Math.max(0, digits - 1 - power))))
  }

  /* With so many decimals; where a column has no common ones (null), three significant digits. */
  function fixed(value, decimals, scale = 0) {
    if (!known(value)) return DASH
    if (isNoise(value, scale)) return "0"
    return decimals === null ? number(value) : signed(value.toFixed(decimals))
  }

  /* A multiple: "2.3 ×". */
  function times(value) {
    if (value === null || Number.isNaN(value)) return DASH
    return value >= 1000 ? "≥ 1000 ×" : `${number(value, 2)} ×`
  }

  /* A tick's number: as many decimals as the distance of two ticks needs. */
  function tick(value, step) {
    if (Math.abs(value) <= Math.abs(step) * 1e-6) return "0"
    const places = -parts(step, 1)[1]
    const power = parts(value, 12)[1]
    if (places < LARGE && power < LARGE) return signed(value.toFixed(Math.max(0, places)))
    return signed(value.toExponential(Math.max(0, places + power)).split("e")[0]) + timesTen(power)
  }

  return { number, fixed, times, tick, known }
})()
