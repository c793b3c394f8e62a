"""What turns gradients into steps: Keras' optimizers."""

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
    """Stochastic gradient descent; with momentum: 0.9 the classic choice."""


def Adam(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
         amsgrad: bool = False, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
         global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
         ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Momentum, and a step size of its own for every weight: a good first choice (Kingma and Ba 2014)."""


def AdamW(learning_rate: LearningRate = 0.001, weight_decay: Decay = 0.004, beta_1: Rate = 0.9, beta_2: Rate = 0.999,
          epsilon: Positive = 1e-07, amsgrad: bool = False, clipnorm: Clip = None, clipvalue: Clip = None,
          global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
          ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with weight decay that is not scaled by the gradients (Loshchilov and Hutter 2017)."""


def Adamax(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
           weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
           use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
           gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam by the largest gradient instead of the squared ones (Kingma and Ba 2014)."""


def Nadam(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
          weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
          use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
          gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with Nesterov's momentum (Dozat 2016)."""


def RMSprop(learning_rate: LearningRate = 0.001, rho: Rate = 0.9, momentum: Rate = 0.0, epsilon: Positive = 1e-07,
            centered: bool = False, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
            global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
            ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Divides by a running mean of the squared gradients (Hinton 2012)."""


def Adagrad(learning_rate: LearningRate = 0.001, initial_accumulator_value: NonNegative = 0.1,
            epsilon: Positive = 1e-07, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
            global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
            ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Smaller steps for weights that have moved much (Duchi et al. 2011); wants a larger rate, such as 0.01."""


def Adadelta(learning_rate: LearningRate = 0.001, rho: Rate = 0.95, epsilon: Positive = 1e-07,
             weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
             use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
             gradient_accumulation_steps: Accumulation = None) -> None:
    """AdaGrad that forgets; its paper uses learning_rate: 1.0 (Zeiler 2012)."""


def Adafactor(learning_rate: LearningRate = 0.001, beta_2_decay: float = -0.8, epsilon_1: Positive = 1e-30,
              epsilon_2: Positive = 0.001, clip_threshold: Positive = 1.0, relative_step: bool = True,
              weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
              global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
              ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam with little memory (Shazeer and Stern 2018)."""


def Ftrl(learning_rate: LearningRate = 0.001, learning_rate_power: Annotated[float, Field(le=0)] = -0.5,
         initial_accumulator_value: NonNegative = 0.1, l1_regularization_strength: NonNegative = 0.0,
         l2_regularization_strength: NonNegative = 0.0, l2_shrinkage_regularization_strength: NonNegative = 0.0,
         beta: NonNegative = 0.0, weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
         global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
         ema_overwrite_frequency: Count | None = None, gradient_accumulation_steps: Accumulation = None) -> None:
    """Follow the regularized leader: many weights stay exactly zero (McMahan et al. 2013)."""


def Lamb(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.999, epsilon: Positive = 1e-07,
         weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None,
         use_ema: bool = False, ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
         gradient_accumulation_steps: Accumulation = None) -> None:
    """Adam for very large batches (You et al. 2019)."""


def Lion(learning_rate: LearningRate = 0.001, beta_1: Rate = 0.9, beta_2: Rate = 0.99, weight_decay: Decay = None,
         clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None, use_ema: bool = False,
         ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
         gradient_accumulation_steps: Accumulation = None) -> None:
    """Only the sign of the momentum counts; wants a rate 3 to 10 times smaller than Adam's (Chen et al. 2023)."""


def Muon(learning_rate: LearningRate = 0.001, adam_beta_1: Rate = 0.9, adam_beta_2: Rate = 0.999,
         adam_weight_decay: Decay = 0.004, epsilon: Positive = 1e-07, weight_decay: Decay = 0.004,
         clipnorm: Clip = None, clipvalue: Clip = None, global_clipnorm: Clip = None, use_ema: bool = False,
         ema_momentum: Rate = 0.99, ema_overwrite_frequency: Count | None = None,
         gradient_accumulation_steps: Accumulation = None, exclude_embeddings: bool = True, muon_a: float = 3.4445,
         muon_b: float = -4.775, muon_c: float = 2.0315, adam_lr_ratio: Positive = 1, momentum: Rate = 0.95,
         ns_steps: Count = 5, nesterov: bool = True, rms_rate: Positive | None = 0.2) -> None:
    """Steps of matrices made orthogonal, Adam for the rest (Jordan et al. 2024)."""


def ScheduleFreeAdamW(learning_rate: LearningRate = 0.0025, beta_1: Rate = 0.9, beta_2: Rate = 0.999,
                      epsilon: Positive = 1e-08, warmup_steps: Annotated[int, Field(ge=0)] = 0,
                      weight_decay: Decay = None, clipnorm: Clip = None, clipvalue: Clip = None,
                      global_clipnorm: Clip = None, use_ema: bool = False, ema_momentum: Rate = 0.99,
                      ema_overwrite_frequency: Count | None = None,
                      gradient_accumulation_steps: Accumulation = None) -> None:
    """AdamW that needs no learning-rate schedule (Defazio et al. 2024)."""


OPTIMIZERS = Registry("optimizer", "optimizers", dict(vars()), lower=str.lower)
Optimizer = Annotated[KerasSpec, OPTIMIZERS]
