"""The sentences of the playground: how its run stands, what is looked at, and what Start would do."""

from ..words import _


def tell(sitting, settings):
    """What stands above the pictures of a `sitting`; `settings` are those of the controls, None if they are at odds."""
    return " ".join(filter(None, [_shown(sitting), _next(sitting, settings)]))


def _shown(sitting):
    """Which run is shown, where it is, and the result of its last epoch there."""
    run, epoch = sitting.place or (sitting.run, len(sitting.run.epochs))
    words = {"number": run.number, "epoch": epoch, "epochs": run.settings.epochs, "present": epoch + 1,
             "step": run.step - run.last_step(epoch), "updates": run.settings.updates}
    if epoch:
        _epoch, words["cost"], words["train"], words["valid"] = run.epochs[epoch - 1]
    result = _("Epoch {epoch}: cost {cost:,.1f}, training {train:.1%}, validation {valid:.1%}.") if epoch else ""
    return f"{_back(epoch) if sitting.place else _present(run)} {result}".strip().format(**words)


def _back(epoch):
    return (_("You look back at run {number}.") if epoch else
            _("You look back at run {number}, before its first minibatch."))


def _present(run):
    if run.end == "paused":
        if not run.step:
            return _("Run {number} is ready: its first weights are drawn, nothing is learned yet.")
        if run.step == run.last_step(len(run.epochs)):
            return _("Run {number} rests between two epochs.")
        return _("Run {number} rests in epoch {present} of {epochs}, after {step} of {updates} minibatches.")
    return {"": _("Run {number} is training, in epoch {present} of {epochs}."),
            "finished": _("Run {number} is finished."), "failed": _("Run {number} failed."),
            "diverged": _("Run {number} diverged in epoch {present}: its weights grew too large to compute with. The "
                          "network is as it was before that epoch. Try a smaller learning rate or minibatch.")}[run.end]


def _next(sitting, settings):
    if settings is None:
        return _("The settings above do not go together: nothing can be started with them.")
    changed = settings != sitting.run.settings
    if sitting.going:
        return _("The settings that you change now are for the next run.") if changed else ""
    if sitting.over or changed:
        return _("Start begins run {number} with the settings above.").format(number=sitting.run.number + 1)
    return ""
