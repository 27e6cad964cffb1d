// Nothing is drawn anew under a pressed pointer: a click is lost if what it began on is replaced before it ends, whoever
// asks for the drawing (a search field's change comes when the press takes its focus).

const HELD = "#rows, #others, #diagram, #panel"; // all that is ever drawn anew

const press = { held: false, waiting: new Set() };

/** A drawing that waits for the end of a press; asked for several times it is done once. */
const calm = (draw) => () => (press.held ? press.waiting.add(draw) : draw());

const release = () => {
  if (!press.held) return;
  press.held = false;
  const waiting = [...press.waiting];
  press.waiting.clear();
  for (const draw of waiting) draw();
};

document.addEventListener("mousedown", (event) => (press.held = Boolean(event.target.closest?.(HELD))), true);
// before anyone hears of the click, which still has the element that it began on
document.addEventListener("click", release, true);
// a press that ends elsewhere makes no click; one that does has made it by then
for (const name of ["mouseup", "dragend"]) document.addEventListener(name, () => setTimeout(release), true);
window.addEventListener("blur", release);
