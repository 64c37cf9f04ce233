/* Parts that renew themselves: an answer from another address (a login page) takes the whole window. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig.path, location.href).pathname;
  const answered = xhr.responseURL ? new URL(xhr.responseURL).pathname : asked;
  if (asked !== answered) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
