"""Optimizers; update the weights from the gradients."""

from typing import Annotated

from pydantic import Field

from mnist_pipeline.config.keras.catalog.schedules import LearningRate
from mnist_pipeline.config.keras.spec import KerasSpec, Registry
from mnist_pipeline.config.keras.types import Count, NonNegative, Positive, Rate

# fmt: off

Decay = Annotated[float, Field(ge=0)] | None
Clip = Annotated[float, Field(gt=0)] | None
Accumulation = Annotated[int, Field(ge=2)] | None


def SGD(learning_rate: LearningRate = 0.01, momentum: Rate = 0.0, nesterov: bool = False, weight_decay: Decay = None,
        clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None, use_ema: bool = False,
        ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
        gradient_accumulation_steps: Accumulation = None) -> None:
    """Stochastic gradient descent, with optional momentum; 0.9 is usual (Robbins and Monro 1951)."""


def Adam(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
         amsgrad: bool = False, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
         global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
         ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Momentum and an adaptive step size for each weight; a good first choice (Kingma and Ba 2014)."""


def AdamW(learning_rate: LearningRate = 0.001, weight_decay: Decay = 0.004, beta_1: Rate = 0.9, beta_2: Rate = 0.999,
          epsilon: Positive = 1e-07, amsgrad: bool = False, clipnorm: Clip = None, clipvalue: Clip = None,
          global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
          ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2017)."""


def Adamax(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
           weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
           use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
           gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with the infinity norm of the gradients (Kingma and Ba 2014)."""


def Nadam(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
          weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
          use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
          gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with Nesterov momentum (Dozat 2016)."""


def RMSprop(learning_rate: LearningRate = 0.001, rho: Rate = 0.9, momentum: Rate = 0.0, epsilon: Positive = 1e-07,
            centered: bool = False, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
            global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
            ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Divides the gradient by a running root mean square (Hinton 2012)."""


def Adagrad(learning_rate: LearningRate = 0.001, initial_accumulator_value: NonNegative = 0.1,
            epsilon: Positive = 1e-07, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
            global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
            ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Step sizes that shrink with the squared gradients; needs a larger rate, such as 0.01 (Duchi et al. 2011)."""


def Adadelta(learning_rate: LearningRate = 0.001, rho: Rate = 0.95, epsilon: Positive = 1e-07,
             weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
             use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
             gradient_accumulation_steps: Accumulation = None) -> None:
    """Adagrad with a running window of gradients; the paper uses learning_rate: 1.0 (Zeiler 2012)."""


def Adafactor(learning_rate: LearningRate = 0.001, beta_2_decay: float = -0.8, epsilon_1: Positive = 1e-30,
              epsilon_2: Positive = 0.001, clip_threshold: Positive = 1.0, relative_step: bool = True,
              weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
              global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
              ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with less memory (Shazeer and Stern 2018)."""


def Ftrl(learning_rate: LearningRate = 0.001, learning_rate_power: Annotated[float, Field(le=0)] = -0.5,
         initial_accumulator_value: NonNegative = 0.1, l1_regularization_strength: NonNegative = 0.0,
         l2_regularization_strength: NonNegative = 0.0, l2_shrinkage_regularization_strength: NonNegative = 0.0,
         beta: NonNegative = 0.0, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
         global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
         ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Follow the regularized leader; with L1, many weights stay zero (McMahan et al. 2013)."""


def Lamb(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
         weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
         use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
         gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with a step size for each layer, for very large batches (You et al. 2019)."""


def Lion(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.99, weight_decay: Decay = None,
         clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None, use_ema: bool = False,
         ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
         gradient_accumulation_steps: Accumulation = None) -> None:
    """Sign of the momentum; the learning rate is 3 to 10 times smaller than Adam's (Chen et al. 2023)."""


def Muon(learning_rate: LearningRate = 0.001, adam_beta_1: Rate = 0.9, adam_beta_2: Rate = 0.999,
         adam_weight_decay: Decay = 0.004, epsilon: Positive = 1e-07, weight_decay: Decay = 0.004,
         clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None, use_ema: bool = False,
         ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
         gradient_accumulation_steps: Accumulation = None, exclude_embeddings: bool = True, muon_a: float = 3.4445,
         muon_b: float = -4.775, muon_c: float = 2.0315, adam_lr_ratio: Positive = 1, momentum: Rate = 0.95,
         ns_steps: Count = 5, nesterov: bool = True, rms_rate: Positive | None = 0.2) -> None:
    """Orthogonalized momentum for Dense kernels, the last included; AdamW for all others (Jordan et al. 2024)."""


def ScheduleFreeAdamW(learning_rate: LearningRate = 0.0025, beta_1: Rate = 0.9, beta_2: Rate = 0.999,
                      epsilon: Positive = 1e-08, warmup_steps: Annotated[int, Field(ge=0)] = 0,
                      weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
                      global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
                      ema_overwrite_frequency: Count | None = None,
                      gradient_accumulation_steps: Accumulation = None) -> None:
    """AdamW that needs no learning-rate schedule (Defazio et al. 2024)."""


OPTIMIZERS = Registry("optimizer", "optimizers", dict(vars()), lower=str.lower)
Optimizer = Annotated[KerasSpec, OPTIMIZERS]
