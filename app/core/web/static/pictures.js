/* Pictures of figures: drawn from what the page holds as data, beside the table that says the same. */
(() => {
  const style = getComputedStyle(document.body), colour = (name) => style.getPropertyValue(name).trim();
  const ink = colour("--ink-2"), line = colour("--line"), red = colour("--red");
  const font = { color: ink, fontFamily: style.fontFamily, fontSize: 13 };
  const axis = { axisLabel: font, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } };
  const scale = { type: "value", minInterval: 1, ...axis, splitLine: { lineStyle: { color: line } } };
  const common = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: font,
    grid: { left: 8, right: 20, top: 20, bottom: 8, containLabel: true },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } }, // drawn, not written into the page
  };
  const kinds = {
    line: ({ names, values }) => ({
      ...common,
      xAxis: { type: "category", data: names, boundaryGap: false, ...axis },
      yAxis: scale,
      series: [{ type: "line", data: values, symbolSize: values.length > 1 ? 6 : 12, showAllSymbol: true, lineStyle: { width: 2.5 }, itemStyle: { color: red }, areaStyle: { opacity: 0.12 } }],
    }),
    bars: ({ names, values }) => ({
      ...common,
      xAxis: scale,
      yAxis: { type: "category", data: names, inverse: true, ...axis },
      series: [{ type: "bar", data: values, itemStyle: { color: red }, barMaxWidth: 22, label: { show: true, position: "right", ...font } }],
    }),
    heat: ({ names, columns, values }) => ({
      ...common,
      tooltip: { renderMode: "richText", formatter: ({ value: [column, row, people] }) => `${names[row]} ${columns[column]} 时：${people} 人次` },
      grid: { ...common.grid, bottom: 56 },
      xAxis: { type: "category", data: columns, ...axis },
      yAxis: { type: "category", data: names, inverse: true, ...axis },
      visualMap: { min: 0, max: Math.max(1, ...values.map(([, , people]) => people)), orient: "horizontal", left: "center", bottom: 4, itemHeight: 90, textStyle: font, inRange: { color: ["#fbeeec", "#e89b94", red] } },
      series: [{ type: "heatmap", data: values, itemStyle: { borderColor: "#fff", borderWidth: 2 } }],
    }),
  };
  for (const place of document.querySelectorAll("[data-picture]")) {
    const { kind, ...figures } = JSON.parse(place.dataset.picture);
    place.hidden = false;
    const chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(kinds[kind](figures));
    new ResizeObserver(() => chart.resize()).observe(place);
  }
})();
