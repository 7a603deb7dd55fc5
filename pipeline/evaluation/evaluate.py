"""``ethopipe evaluate``: scores of labelled clips, a run, or tracks beside the truth, as figures, tables and a page."""

from typing import Any

from pipeline.chain.progress import Progress
from pipeline.evaluation.against_labels import evaluate_run
from pipeline.evaluation.boxes import evaluate_boxes
from pipeline.evaluation.of_scores import evaluate_scores
from pipeline.evaluation.settings import EvaluationPlan


def evaluate(plan: EvaluationPlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``evaluation.json``."""
    if plan.scores is not None:
        return evaluate_scores(plan, progress)
    return evaluate_run(plan, progress) if plan.labels else evaluate_boxes(plan, progress)
