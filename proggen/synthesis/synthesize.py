"""Synthesis from left to right: scene, perception, rendering, dynamics, selection, final fit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from ..archive.records import FitRecord, SceneRecord, ScoreRecord, SelectionTrial
from ..errors import SynthesisError
from ..inference.fit import PerceivedClip, context_scales, noise_scales
from ..sandbox.workers import Workers
from ..sources import mark_held
from ..world import WorldProgram
from . import dynamics, edges, perception, rendering, tables
from .brief import Brief
from .candidates import Candidate, Feedback, Task, Workshop, working
from .estimation import choose_estimation
from .perception import read_program
from .scene import parse_scene
from .selection import Combination, combine

_CIRCULAR = (
    "The perceived states of the training clips obey the dynamics program to rounding: perception "
    "holds the same equations, so that the fit and its standard errors say nothing about the video."
)
_ASIDE = 0.3  # share of the training clips kept aside from fitting while candidates are judged


@dataclass(frozen=True)
class Synthesis:
    """What synthesis found. `perceived` are the training clips with the chosen perception's states."""

    world: WorldProgram
    fit: FitRecord
    perceived: list[PerceivedClip]
    chosen: dict[str, str]
    aside: list[str]
    selection: list[SelectionTrial]


def synthesize(brief: Brief, workshop: Workshop, workers: Workers, seed: int) -> Synthesis:
    """From training clips to a fitted world program. SynthesisError if a program can't be had."""
    return _Synthesizer(brief, workshop, workers, seed).run()


@dataclass
class _Synthesizer:
    brief: Brief
    workshop: Workshop
    workers: Workers
    seed: int
    scene: SceneRecord = field(init=False)
    sight_task: Task = field(init=False)
    drawing_task: Task = field(init=False)

    @property
    def context(self) -> int:
        return self.brief.video.context

    def run(self) -> Synthesis:
        found: list[Candidate] = []
        try:
            scenes = self._scene()
            found += scenes
            self.scene = self._need(scenes, "scene")[-1].result
            perceptions = self._perceptions()
            found += perceptions
            renderings = self._renderings(self._need(perceptions, "perception"))
            found += renderings
            self._need(renderings, "rendering")
            found += self._improve_sight(perceptions, renderings)
            sights, drawing = self._best_sight(found)
            motions = self._dynamics(sights[0])
            found += motions
            best = self._combine(sights, drawing, self._need(motions, "dynamics"))
            for chosen in (scenes[-1], best[0].perception, drawing, best[0].dynamics):
                chosen.chosen = True
            return self._finish(best, drawing, motions)
        finally:
            for candidate in found:
                self.workshop.journal.candidate(candidate)

    def _need(self, candidates: Sequence[Candidate], program: str) -> list[Candidate]:
        good = working(candidates)
        if not good:
            reasons = {f"{c.failure.kind}: {c.failure.message[:200]}" for c in candidates if c.failure}
            raise SynthesisError(
                f"No {program} for {self.brief.video.benchmark} works ({'; '.join(sorted(reasons))}): "
                "record or ask for more candidates."
            )
        return good

    def _task(self, program: str, values: dict[str, object] | None = None) -> Task:
        common = self.brief.values()
        if program != "scene":
            common["scene"] = self.scene
        return Task(self.brief.video.benchmark, program, {**common, **(values or {})}, self.brief.pictures())

    def _scene(self) -> list[Candidate]:
        def read(candidate: Candidate, reply: str) -> None:
            candidate.source = reply
            candidate.result = parse_scene(reply)
            candidate.source = candidate.result.model_dump_json(indent=2)

        one = Workshop(self.workshop.model, self.workshop.journal, 1, self.workshop.rounds)
        return one.propose(self._task("scene"), read, lambda candidate: None)

    def _perceptions(self) -> list[Candidate]:
        self.sight_task = self._task("perception")
        return self.workshop.propose(self.sight_task, read_program, self._see)

    def _see(self, candidate: Candidate) -> None:
        perception.examine(self.workers, self.scene, self.context, self.brief.clips, candidate)

    def _renderings(self, perceptions: list[Candidate]) -> list[Candidate]:
        first = min(perceptions, key=lambda c: c.score("consistency"))
        text = (
            "States measured in training clips (a perception program's, slightly noisy):\n\n"
            + "\n\n".join(
                tables.state_table(c.clip, c.whole, max(len(c.whole) // 6, 1)) for c in first.result[:3]
            )
        )
        self.drawing_task = self._task("rendering", {"states": text})
        return self.workshop.propose(
            self.drawing_task, read_program, partial(rendering.examine, self.workers, perceptions)
        )

    def _improve_sight(self, perceptions: list[Candidate], renderings: list[Candidate]) -> list[Candidate]:
        """One improvement of every working perception and of the best rendering, asked for side by side."""
        sights, drawings = working(perceptions), working(renderings)
        asked = [partial(self._improve_perception, sight, drawings) for sight in sights]
        asked.append(partial(self._improve_rendering, sights, drawings))
        with ThreadPoolExecutor(len(asked)) as pool:
            new = [c for found in pool.map(lambda ask: ask(), asked) for c in found]
        everyone = [*sights, *working(new)]
        for drawing in (c for c in [*drawings, *working(new)] if c.program == "rendering"):
            for sight in (
                c for c in everyone if c.program == "perception" and c.id not in drawing.result.errors
            ):
                drawing.result.errors[sight.id] = rendering.pair_errors(self.workers, sight, drawing)
        return new

    def _improve_perception(self, sight: Candidate, drawings: list[Candidate]) -> list[Candidate]:
        own = max(drawings, key=lambda r: r.result.psnr(sight))
        numbers, sheets = rendering.worst_frames(self.workers, sight, own)
        text = f"{perception.diagnosis(self.scene, sight.result)}\n\n{_sight_score(sight, own)}\n{numbers}"
        feedback = Feedback(text, failed=False, pictures=sheets)
        return self.workshop.improve(self.sight_task, sight, feedback, read_program, self._see)

    def _improve_rendering(self, sights: list[Candidate], drawings: list[Candidate]) -> list[Candidate]:
        best = max(drawings, key=lambda r: r.score("fitted_psnr"))
        sight = max(sights, key=best.result.psnr)
        numbers, sheets = rendering.worst_frames(self.workers, sight, best)
        residue = edges.diagnosis(best.result.edges, best.score("fitted_psnr"))
        text = f"{_sight_score(sight, best)}\n{numbers}\n\n{residue}"
        feedback = Feedback(text, failed=False, pictures=sheets)
        draw = partial(rendering.examine, self.workers, sights)
        return self.workshop.improve(self.drawing_task, best, feedback, read_program, draw)

    def _best_sight(self, found: list[Candidate]) -> tuple[list[Candidate], Candidate]:
        """Working perceptions, the best drawn one first, and the rendering that draws it best."""
        sights = working([c for c in found if c.program == "perception"])
        drawings = working([c for c in found if c.program == "rendering"])
        drawing = max(drawings, key=lambda d: d.score("fitted_psnr"))
        for sight in sights:
            value = drawing.result.psnr(sight)
            meaning = f"training frames drawn by {drawing.id} from its states against the real ones"
            sight.scores.append(ScoreRecord(name="psnr", value=value, unit="dB", meaning=meaning))
        return sorted(sights, key=lambda s: -s.score("psnr")), drawing

    def _dynamics(self, sight: Candidate) -> list[Candidate]:
        clips: list[PerceivedClip] = sight.result
        part = self._aside()
        aside, fitted = clips[part], clips[: part.start]
        text = "States measured in training clips (a perception program's, noisy):\n\n" + "\n\n".join(
            tables.state_table(c.clip, c.whole) for c in clips[:3]
        )
        task = self._task("dynamics", {"states": text})
        scales = noise_scales(clips)
        move = partial(dynamics.examine, self.workers, self.scene, fitted, aside, scales, self.seed)
        found = self.workshop.propose(task, read_program, move)
        if working(found):
            best = min(working(found), key=lambda c: c.score("rollout_error"))
            feedback = Feedback(dynamics.diagnosis(aside, best.result), failed=False)
            found += self.workshop.improve(task, best, feedback, read_program, move)
        for c in found:
            if c.fit is not None:
                c.fit = self._judged(c.fit, c, found, sight)
        return found

    def _judged(
        self, fit: FitRecord, candidate: Candidate, found: Sequence[Candidate], sight: Candidate
    ) -> FitRecord:
        """With what earlier rounds and the perception say of its parameters."""
        before = [
            c.fit for c in found if c.fit and c.candidate == candidate.candidate and c.round < candidate.round
        ]
        return mark_held(dynamics.narrowed(fit, before), sight.source or "", self.scene)

    def _aside(self) -> slice:
        count = len(self.brief.clips)
        return slice(count - max(1, round(_ASIDE * count)), count)

    def _combine(
        self, sights: list[Candidate], drawing: Candidate, motions: list[Candidate]
    ) -> list[Combination]:
        found = combine(self.workers, self.scene, sights, motions, drawing, self._aside(), self.context)
        meaning = "frames predicted on the training clips kept aside, best combination with it"
        for candidate in (*sights, *motions):
            value = max(c.psnr for c in found if candidate in (c.perception, c.dynamics))
            score = ScoreRecord(name="prediction_psnr", value=value, unit="dB", meaning=meaning)
            candidate.scores.append(score)
        return found

    def _finish(
        self, combinations: list[Combination], drawing: Candidate, motions: list[Candidate]
    ) -> Synthesis:
        """Fit the chosen dynamics on all training clips."""
        best = combinations[0]
        clips: list[PerceivedClip] = best.perception.result
        source = best.dynamics.source or ""
        fitted = dynamics.fit_candidate(
            self.workers, self.scene, source, clips, noise_scales(clips), dynamics.FINAL, self.seed
        )
        if fitted.record.exact:
            self.workshop.journal.note(_CIRCULAR)
        world = WorldProgram(
            scene=self.scene,
            sources={
                "perception": best.perception.source or "",
                "dynamics": source,
                "rendering": drawing.source or "",
            },
            parameters=fitted.values(),
            context=self.context,
        )
        scales = context_scales(clips, fitted.scales)
        world = replace(world, estimation=choose_estimation(self.workers, world, clips, scales))
        return Synthesis(
            world=world,
            fit=self._judged(fitted.record, best.dynamics, motions, best.perception),
            perceived=clips,
            chosen={"perception": best.perception.id, "dynamics": best.dynamics.id, "rendering": drawing.id},
            aside=[c.name for c in self.brief.clips[self._aside()]],
            selection=[c.record() for c in combinations],
        )


def _sight_score(sight: Candidate, drawing: Candidate) -> str:
    value = drawing.result.psnr(sight)
    return (
        "Frames drawn from the measured states (measured and drawn by two programs, neither of them perfect) "
        f"against the real ones: PSNR {value:.2f} dB over all training clips. The worst frames are shown."
    )
