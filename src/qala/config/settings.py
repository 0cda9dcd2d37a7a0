"""Settings of the site. What differs between installations comes from the environment; docs/reference/settings.md lists it."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.csp import CSP

from qala.config.database import as_settings, database_url, home
from qala.config.secrets import secret_key

PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()

DEBUG = os.environ.get("QALA_DEBUG") == "1"
DEMO = os.environ.get("QALA_DEMO") == "1"
SECRET_KEY = secret_key(HOME)
PUBLIC_URL = os.environ.get("QALA_PUBLIC_URL", "").rstrip("/")
ALLOWED_HOSTS = os.environ.get("QALA_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
_HTTPS = PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_PORTAL = ("scores", "kpi", "map", "access", "board", "order", "data", "intake", "status", "api")
INSTALLED_APPS = [
    "qala.people",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "ninja",
    "qala.facts",
    "qala.ui",
    "qala.kits.procedure",
    "qala.kits.surveys",
    "qala.kits.deadlines",
    "qala.kits.signatures",
    "qala.kits.hearings",
    "qala.intake",
    "qala.inventory",
    "qala.groundwork",
    "qala.ratings",
    "qala.maturity",
    "qala.rating_year",
    "qala.roadmaps",
    "qala.strategies",
    *(f"qala.portal.{part}" for part in _PORTAL),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "qala.ratings.page_cache.PublishedPages",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "qala.people.second_factor.SecondFactorFirst",
    "qala.config.told.ProblemsAreTold",
    "qala.ui.sent.WholeTexts",
    "qala.people.refused.SayWhatLacks",
]
ROOT_URLCONF = "qala.config.urls"
WSGI_APPLICATION = "qala.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qala.ui.context.every_page",
            ],
        },
    }
]

DATABASES = {"default": as_settings(database_url())}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 12}}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", "Қазақша"), ("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [
    str(PACKAGE / part / "locale")
    for part in (
        "config",
        "people",
        "kits/documents",
        "kits/procedure",
        "kits/surveys",
        "kits/deadlines",
        "kits/signatures",
        "kits/hearings",
        "intake",
        "inventory",
        "groundwork",
        "ratings",
        "maturity",
        "rating_year",
        "roadmaps",
        "strategies",
        "ui",
        *(f"portal/{one}" for one in _PORTAL),
    )
]
USE_TZ = True
TIME_ZONE = os.environ.get("QALA_TIME_ZONE", "Asia/Almaty")

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "uploads"}},
    "staticfiles": {"BACKEND": "qala.ui.static_files.HashedFiles"},
}
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "qala.ui.static_files.VendorFinder",
]
WHITENOISE_MAX_AGE = 3600

LIVE_URL = os.environ.get("QALA_LIVE_URL", "").rstrip("/")
"""Where the stream of news is, if not at the address of the pages."""
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF, *([LIVE_URL] if LIVE_URL else [])],
    "worker-src": [CSP.SELF, "blob:"],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}

SIGNER = os.environ.get("QALA_SIGNER", "qala.kits.signatures.file_signer.FileSigner")
"""Who makes electronic signatures, a class of `kits.signatures.port.Signer`; the one that comes along is for tests only."""

_smtp = {
    "host": os.environ.get("QALA_SMTP_HOST", ""),
    "port": int(os.environ.get("QALA_SMTP_PORT", "587")),
    "username": os.environ.get("QALA_SMTP_USER", ""),
    "password": os.environ.get("QALA_SMTP_PASSWORD", ""),
    "use_tls": os.environ.get("QALA_SMTP_TLS", "1") == "1",
    "timeout": 15,  # or a page would wait for a server that is silent
}
MAILERS = {
    "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": _smtp}
    if _smtp["host"]
    else {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": str(HOME / "mail")}}
}
DEFAULT_FROM_EMAIL = os.environ.get("QALA_MAIL_FROM", "qala@localhost")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"away": {"()": "qala.config.told.OneLineWhileAway"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["away"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

from qala.people.sign_in import *  # noqa: E402, F403  what allauth is told

SECURE_CSP["form-action"] = [CSP.SELF, *OIDC_ORIGINS]  # noqa: F405  signing in by a provider leads to its pages
