// Which words of the page stand out too little from what is behind them: less than 4.5 to 1, as WCAG 2.2
// (1.4.3) defines it; what is disabled is exempt there. `ground` is the luminance of the page's own ground.
const parts = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    return numbers.length > 3 ? numbers : [...numbers, 1];
};
const over = (front, back) =>
    [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (element) => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
        layers.push(parts(getComputedStyle(node).backgroundColor));
        if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255, 1]);
};
const shows = (element) => {
    const words = [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    const place = element.getBoundingClientRect();
    const field = ["TEXTAREA", "INPUT", "SELECT"].includes(element.tagName);
    return (words || field) && !element.disabled && place.width > 0 && place.height > 0;
};
const shown = [...document.querySelectorAll(".swagger-ui *")].filter(shows);
const contrast = (element) => {
    const back = ground(element);
    const front = over(parts(getComputedStyle(element).color), back);
    const [dark, bright] = [luminance(front), luminance(back)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
};
const hard = shown.filter((element) => contrast(element) < 4.5);
return {
    looked_at: shown.length,
    ground: luminance(ground(document.body)),
    hard_to_read: [...new Set(hard.map(
        (e) => `${e.tagName}.${e.className} ${contrast(e).toFixed(2)} ${e.textContent.trim().slice(0, 40)}`,
    ))],
};
