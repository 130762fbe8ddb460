"""The pictures that a kiosk's buttons may have, by their names in kiosk_ui/icons.svg."""

ICONS = (
    "accessibility", "baby", "book-open", "briefcase", "building-2", "bus", "calendar", "car", "circle-help",
    "clipboard-list", "coins", "dog", "droplets", "ear", "file-check", "file-text", "flower-2", "globe",
    "graduation-cap", "hand-helping", "heart", "heart-handshake", "heart-pulse", "house", "id-card", "info",
    "key", "landmark", "languages", "mail", "map-pin", "message-circle", "messages-square", "phone", "pill",
    "plane", "receipt", "recycle", "scroll-text", "shield", "smartphone", "stamp", "stethoscope", "store",
    "syringe", "tree-pine", "truck", "user", "users", "utensils", "vote", "wallet", "wrench",
)  # fmt: skip
