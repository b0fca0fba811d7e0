/* The two things that are done to the page: an element more, another text. */

export function make(parent, tag, name = '') {
    const element = document.createElement(tag);

    element.className = name;
    parent.append(element);

    return element;
}


/* only what differs is written: a live region speaks of each change */

export function say(element, text) {
    if (element.textContent !== text) {
        element.textContent = text;
    }
}
