"""The ten pictures of docs/guide/begin.md."""

PICTURES = {
    "first-page-one": "01-first-page",
    "set-up-no_desk": "02-set-up",
    "asked": "03-invitation-asked",
    "shelters-one": "04-shelter",
    "added-Room 1": "05-room",
    "address-again": "06-address",
    "profile": "07-profile",
    "rooms-reported": "08-rooms",
    "proposal": "09-proposal",
    "in-house": "10-in-house",
}
"""The file of each picture, by the step that it shows when the step is first reached."""
