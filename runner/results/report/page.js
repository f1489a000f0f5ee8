(function () {
  "use strict";
  if (typeof Plotly === "undefined") return;
  var charts = JSON.parse(document.getElementById("charts").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var narrow = window.matchMedia("(max-width: 640px)");
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }
  var tones = {
    equity: "accent", benchmark: "second", price: "second", drawdown: "loss", buy: "gain", sell: "loss",
    long: "gain", short: "loss", net: "ink", turnover: "accent", "window-short": "second", "window-long": "accent"
  };
  function faint(hex) {
    var n = parseInt(hex.slice(1), 16);
    return "rgba(" + (n >> 16) + "," + ((n >> 8) & 255) + "," + (n & 255) + ",0.16)";
  }
  function traces(chart) {
    var out = chart.lines.map(function (line) {
      return {
        type: "scatter", mode: "lines", name: line.name, x: line.x, y: line.y, text: line.text,
        hovertemplate: "%{text}<extra></extra>", fill: line.fill ? "tozeroy" : "none",
        fillcolor: faint(colour(tones[line.style])),
        line: { width: line.style === "equity" || line.style === "window-long" ? 1.8 : 1.2, color: colour(tones[line.style]) }
      };
    });
    chart.dots.forEach(function (dots) {
      out.push({
        type: "scatter", mode: "markers", name: dots.name, x: dots.x, y: dots.y, text: dots.text,
        hovertemplate: "%{text}<extra></extra>", cliponaxis: false,
        marker: { size: 9, symbol: dots.style === "buy" ? "circle" : "square",
                  color: colour(tones[dots.style]), line: { width: 1, color: colour("card") } }
      });
    });
    return out;
  }
  function layout(chart) {
    var ticks = chart.ticks.filter(function (tick, i) { return !narrow.matches || i % 2 === 0; });
    return {
      margin: { l: narrow.matches ? 62 : 74, r: 10, t: 8, b: 28 }, showlegend: false, autosize: true,
      hovermode: chart.dots.length ? "closest" : "x", dragmode: narrow.matches ? false : "zoom",
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: colour("soft") },
      hoverlabel: { align: "left", bgcolor: colour("card"), font: { color: colour("ink") } },
      xaxis: { tickvals: ticks.map(function (t) { return t[0]; }), ticktext: ticks.map(function (t) { return t[1]; }),
               range: chart.span, showgrid: false, zeroline: false, tickangle: 0 },
      yaxis: { tickvals: chart.levels.map(function (t) { return t[0]; }), ticktext: chart.levels.map(function (t) { return t[1]; }),
               range: [chart.low, chart.high], gridcolor: colour("rule"), zeroline: false, fixedrange: true }
    };
  }
  function draw() {
    charts.forEach(function (chart) {
      var box = document.getElementById("plot-" + chart.key);
      if (!box) return;
      if (!box.dataset.drawn) { box.textContent = ""; box.dataset.drawn = "1"; }
      Plotly.react(box, traces(chart), layout(chart), { responsive: true, displaylogo: false, displayModeBar: false });
    });
  }
  draw();
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
})();
