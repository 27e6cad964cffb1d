// Elements of the page, by tag, attributes and children.

const DATA = JSON.parse(document.getElementById("data").textContent);
const find = (selector) => document.querySelector(selector);

const maker =
  (namespace) =>
  (tag, attributes = {}, ...children) => {
    const made = document.createElementNS(namespace, tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false)
        made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  };
const html = maker("http://www.w3.org/1999/xhtml");
const svg = maker("http://www.w3.org/2000/svg");

const colour = (name) => `var(--${name.toLowerCase().replaceAll(" ", "-")})`;
