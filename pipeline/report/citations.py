"""What to cite for a run: the methods that were used."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_NAMED = (  # where the methods text names them
    "Aitchison, J. (1986). The Statistical Analysis of Compositional Data. Chapman & Hall. (log-ratios)",
    "Altmann, J. (1974). Observational study of behavior: sampling methods. Behaviour 49, 227-267. "
    "(states, events, sampling)",
    "Bakeman, R. & Quera, V. (2011). Sequential Analysis and Observational Methods for the Behavioral Sciences. "
    "Cambridge University Press. (transitions)",
    "Barber, D. B. et al. (2006). Vision-based target geo-location using a fixed-wing miniature air vehicle. Journal "
    "of Intelligent and Robotic Systems 47, 361-382. (places on the ground)",
    "Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical "
    "Society B 57, 289-300. (many tests)",
    "Bernstein, I. S. (1991). An empirical comparison of focal and ad libitum scoring with commentary on "
    "instantaneous scans, all occurrence and one-zero techniques. Animal Behaviour 42, 721-728. (interval)",
    "Bressers, M., Meelis, E., Haccou, P. & Kruk, M. (1991). When did it really start or stop: the impact of censored "
    "observations on the analysis of duration. Behavioural Processes 23, 1-20. (bouts that the record cuts)",
    "Buonaccorsi, J. P. (2010). Measurement Error: Models, Methods, and Applications. CRC Press. (correction)",
    "Hoppitt, W. J. E. & Farine, D. R. (2018). Association indices for quantifying social relationships: how to deal "
    "with missing observations of individuals or groups. Animal Behaviour 136, 227-238.",
    "Cairns, S. J. & Schwager, S. J. (1987). A comparison of association indices. Animal Behaviour 35, 1454-1469.",
    "Cochran, W. G. (1977). Sampling Techniques. Third edition. Wiley. (errors of an audit)",
    "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, "
    "37-46. (kappa)",
    "Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall. (limits)",
    "Haccou, P. & Meelis, E. (1992). Statistical Analysis of Behavioural Data. Oxford University Press. (lengths of "
    "bouts)",
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, "
    "65-70. (many tests)",
    "Hurlbert, S. H. (1984). Pseudoreplication and the design of ecological field experiments. "
    "Ecological Monographs 54, 187-211. (why a track is not a replicate)",
    "Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American "
    "Statistical Association 53, 457-481. (durations)",
    "Kholiavchenko, M. et al. (2024). KABR: In-situ dataset for Kenyan animal behavior recognition from drone videos. "
    "WACV Workshops. (mini-scenes)",
    "Kish, L. (1965). Survey Sampling. Wiley. (limits where units count unequally)",
    "Machlis, L., Dodd, P. W. D. & Fentress, J. C. (1985). The pooling fallacy: problems arising when individuals "
    "contribute more than one observation to the data set. Zeitschrift fuer Tierpsychologie 68, 201-214.",
    "Manski, C. F. (1990). Nonparametric bounds on treatment effects. American Economic Review 80, 319-323. "
    "(worst-case bounds)",
    "Martin-Fernandez, J. A., Barcelo-Vidal, C. & Pawlowsky-Glahn, V. (2003). Dealing with zeros and missing values "
    "in compositional data sets using nonparametric imputation. Mathematical Geology 35, 253-278. (zeros)",
    "Olofsson, P. et al. (2014). Good practices for estimating area and assessing accuracy of land change. Remote "
    "Sensing of Environment 148, 42-57. (audit)",
    "Pan, W. & Wall, M. M. (2002). Small-sample adjustments in using the sandwich variance estimator in generalized "
    "estimating equations. Statistics in Medicine 21, 1429-1441. (limits where a figure hangs on few units)",
    "Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero: calculating exact p-values when "
    "permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology 9, article 39.",
    "Rogan, W. J. & Gladen, B. (1978). Estimating prevalence from the results of a screening test. American Journal "
    "of Epidemiology 107, 71-76. (correction)",
    "Saerens, M., Latinne, P. & Decaestecker, C. (2002). Adjusting the outputs of a classifier to new a priori "
    "probabilities: a simple procedure. Neural Computation 14, 21-41. (how often behaviours are)",
    "Slater, P. J. B. & Lester, N. P. (1982). Minimising errors in splitting behaviour into bouts. Behaviour 79, "
    "153-161. (bout criterion)",
    "Stehman, S. V. (2014). Estimating area and map accuracy for stratified random sampling when the strata are "
    "different from the map classes. International Journal of Remote Sensing 35, 4923-4939. (audit)",
    "Viterbi, A. J. (1967). Error bounds for convolutional codes and an asymptotically optimum decoding algorithm. "
    "IEEE Transactions on Information Theory 13, 260-269. (the likeliest sequence of behaviours)",
    "Welch, B. L. (1947). The generalization of 'Student's' problem when several different population variances are "
    "involved. Biometrika 34, 28-35. (limits of differences)",
)
_USED = {  # a word in the class of a stage
    "YoloDetector": "Jocher, G., Qiu, J. & Chaurasia, A. Ultralytics YOLO. Software, AGPL-3.0. (detector)",
    "SortTracker": "Bewley, A. et al. (2016). Simple online and realtime tracking. ICIP. (tracker)",
    "ByteTrackTracker": "Zhang, Y. et al. (2022). ByteTrack: multi-object tracking by associating every detection box. "
    "ECCV. (tracker)",
    "OcSortTracker": "Cao, J. et al. (2023). Observation-centric SORT: rethinking SORT for robust multi-object "
    "tracking. CVPR. (tracker)",
    "BotSortTracker": "Aharon, N., Orfaig, R. & Bobrovsky, B.-Z. (2022). BoT-SORT: robust associations "
    "multi-pedestrian tracking. arXiv:2206.14651. (tracker)",
    "TransformersRecognizer": "Wolf, T. et al. (2020). Transformers: state-of-the-art natural language processing. "
    "EMNLP demonstrations. (the library that runs the recognizer; cite its model too)",
    "TorchvisionRecognizer": "TorchVision maintainers (2016). TorchVision: PyTorch's computer vision library. "
    "Software, BSD-3-Clause. (the library that runs the recognizer; cite its model too)",
    "TorchvisionDetector": "TorchVision maintainers (2016). TorchVision: PyTorch's computer vision library. Software, "
    "BSD-3-Clause. (detector)",
}


def citations(settings: Mapping[str, Any], methods: Sequence[str]) -> tuple[str, ...]:
    """References for a run with these settings: of the stages used first, then of what its methods text names."""
    targets = [str(settings.get(stage, {}).get("_target_", "")) for stage in ("detector", "tracker", "recognizer")]
    used = [_USED[word] for target in targets if (word := target.rpartition(".")[2]) in _USED]
    text = " ".join(methods)
    return (*dict.fromkeys(used), *sorted(one for one in _NAMED if _named(one, text)))


def _named(reference: str, text: str) -> bool:
    """Does ``text`` name the first author, and the year near it?"""
    author, year = reference.partition(",")[0], reference.partition("(")[2][:4]
    return re.search(rf"\b{re.escape(author)}\b[^()]*\(?{year}", text) is not None
