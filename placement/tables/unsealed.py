"""Tables whose rows have no seal. For each table, the text states the effect if an attacker changes it, and why no
access or placement depends on it.
"""

from collections.abc import Mapping

WITHOUT_SEAL: Mapping[str, str] = {
    "absence": "who is notified meanwhile; a deputy sees what the deputy's own role sees",
    "accountdetails": "names and numbers, encrypted and bound to their row; no right depends on them",
    "auditevent": "the log has its own chain",
    "auditindex": "compared with the log when it is verified",
    "auditunsealed": "each line is sealed by the log's key, and counted in its lane",
    "audittruncation": "compared with the log when it is verified",
    "countinbox": "sealed counts, which decide about no client",
    "countrecord": "sealed counts, each bound to its row; they decide about no client",
    "countsheet": "which lists were imported; without its row a list can be imported twice",
    "countrelease": "sealed figures of the country, bound to their row; they decide about no client",
    "countrylook": "bands of free beds, sealed; a coordinator sees other bands",
    "dailyreport": "sealed content",
    "dailyrun": "when a job ran; a job that checks rows is none",
    "datakey": "names of keys; the keys are elsewhere",
    "enquiry": "codes and a note, encrypted and bound to their row; they decide about no client",
    "frozenproblem": "a copy of a problem, sealed for its row, that decides nothing",
    "idempotentrequest": "stored answers, each sealed with the key of its day and bound to its row",
    "importmapping": "what headings mean; a person looks at each import",
    "jobrun": "when a job ran; open: a job can be stopped, except the check",
    "keystorename": "compared with the key store",
    "knowledgeentry": "encrypted texts, bound to their row; a removed version is missing from the list",
    "knowndevice": "how fast a browser may try codes",
    "message": "no content: who is notified, and of what",
    "needrecord": "sealed counts, which decide about no client",
    "profilequestion": "a question to a shelter",
    "provider": "a name",
    "pushdevice": "whom a push without content wakes; a removed device is not rung, and the ladder goes on",
    "registerversion": "the past of the register",
    "reminder": "of what somebody was reminded",
    "storerecord": "what was recorded of the store",
    "subscription": "who gets the report; the role is read when it is sent",
    "tasknotice": "that a task was sent; a removed notice is sent again",
    "throttle": "how fast somebody may try; open: a deleted row allows attempts anew",
}
"""The effect of a write by an attacker, for each table."""
